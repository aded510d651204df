/* The help texts, from the same tables that the parser reads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"

#define HELP_COLUMN 28

/* Help is easiest to read at a moderate width. */
static int help_width(void) {
  int width = cli_width(STDOUT_FILENO);
  return width > 96 ? 96 : width < 40 ? 40 : width;
}

static void print_heading(const char *text) {
  printf("\n%s%s%s\n", cli_on(CLI_BOLD), text, cli_off());
}

static void print_paragraph(const char *text, int indent) {
  cli_print_wrapped(text, strlen(text), &(cli_wrap){.indent = indent, .width = help_width()});
}

/* "  -q, --quantize            Quantize the weights." */
static void print_entry(const char *entry, const char *help) {
  int width = help_width(), column = width >= 72 ? HELP_COLUMN : 6;
  int size = (int)strlen(entry);
  bool fits = size + 2 <= column;
  printf("%s%s%s", cli_on(CLI_BOLD), entry, cli_off());
  printf("%s%*s", fits ? "" : "\n", fits ? column - size : column, "");
  cli_print_wrapped(help, strlen(help),
                    &(cli_wrap){.indent = column, .width = width, .hanging = true});
}

static void print_option(const cli_option *option) {
  char entry[128], help[768];
  int n = option->letter
              ? snprintf(entry, sizeof entry, "  -%c, --%s", option->letter, option->name)
              : snprintf(entry, sizeof entry, "  --%s", option->name);
  if (option->alias) n += snprintf(entry + n, sizeof entry - (size_t)n, ", --%s", option->alias);
  if (option->value)
    snprintf(entry + n, sizeof entry - (size_t)n, option->implied ? " [%s]" : " %s", option->value);
  if (option->fallback) {
    snprintf(help, sizeof help, "%s (default: %s)", option->help, option->fallback);
  } else {
    snprintf(help, sizeof help, "%s%s", option->help, option->required ? " Required." : "");
  }
  print_entry(entry, help);
}

void cli_help(const cli_command *command) {
  char usage[256];
  snprintf(usage, sizeof usage, "bitloss %s %s", command->name, command->usage);
  print_paragraph(usage, 0);
  printf("\n");
  print_paragraph(command->about, 0);
  print_heading("Options");
  bool any_refused = false;
  for (const cli_option *option = command->options; option->name; option++) {
    if (option->kind != CLI_REFUSED) print_option(option);
    any_refused = any_refused || option->kind == CLI_REFUSED;
  }
  for (const cli_option *option = cli_common_options; option->name; option++) print_option(option);
  if (any_refused) print_heading("Options of mlx_lm that bitloss does not have");
  for (const cli_option *option = command->options; option->name; option++) {
    if (option->kind == CLI_REFUSED) print_option(option);
  }
  print_heading("Examples");
  printf("%s", command->examples);
}

/* What a family's formats are for. */
static const char *about_family(const char *family) {
  static const char *const known[][2] = {
      {"float", "Without quantization."},
      {"mlx", "For mlx_lm, mlx-swift and LM Studio."},
      {"ggml", "For llama.cpp, Ollama and LM Studio, in a GGUF file."},
      {"torch",
       "Of torchao, and qint8 of torch's quantize_dynamic; for transformers int8 and int4."},
      {"bitsandbytes", "For transformers."},
      {"plain", "The textbook's formulas, to compare with: one scale for a matrix or a row."},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(known[i][0], family) == 0) return known[i][1];
  return "";
}

/* "  ggml            q4_0, q4_1 …": the formats, or the mixtures, of every family. A format's
 * settings follow it as they are by default. */
static void print_kinds(bool mixtures) {
  const char *done[16];
  int n_done = 0, n = bl_recipe_kind_count();
  for (int first = 0; first < n && n_done < 16; first++) {
    bl_recipe_kind head, kind;
    bl_recipe_kind_get(first, &head);
    bool is_new = head.is_mixture == mixtures;
    for (int i = 0; i < n_done; i++) is_new = is_new && strcmp(done[i], head.family) != 0;
    if (!is_new) continue;
    done[n_done++] = head.family;
    char entry[64], list[768];
    size_t size = 0;
    snprintf(entry, sizeof entry, "  %s%s", head.family, mixtures ? ", mixtures" : "");
    for (int i = first; i < n && size < sizeof list; i++) {
      bl_recipe recipe;
      char text[BL_RECIPE_TEXT];
      bl_recipe_kind_get(i, &kind);
      if (kind.is_mixture != mixtures || strcmp(kind.family, head.family) != 0 ||
          bl_recipe_parse(kind.name, &recipe, NULL) != BL_OK)
        continue;
      bl_recipe_print(&recipe, text, sizeof text);
      size += (size_t)snprintf(list + size, sizeof list - size, "%s%s", size ? ", " : "", text);
    }
    if (mixtures) {
      print_entry(entry, list);
      continue;
    }
    char *text = cli_print("%s. %s", list, about_family(head.family));
    print_entry(entry, text);
    free(text);
  }
}

void cli_help_recipes(void) {
  static const char recipe[] =
      "A recipe says what to do to the weights. It begins with a format, with its bits and its "
      "group where it has them: affine:4:64 stores each weight in 4 bits, and a scale and a bias "
      "for every 64 of them; nf4 has nothing to choose. Or with a mixture, which gives each matrix "
      "a format by its place in the model: q4_k_m, mixed_3_6. 'reference' leaves all as it is. "
      "Settings that are left out are those of the list below.";
  static const char activations[] =
      "@int8 after the format rounds activations to 8 bits too, while the model runs: q4_0@int8. "
      "Not every format has it. @static does so by scales that were found before, on the text of "
      "--calibrate: int8@static, qint8@static, from a histogram of what was seen or, with "
      "@static:minmax, from the least and the greatest number.";
  static const char rules[] =
      "Exceptions follow, each /PATTERN=format; of several that match the last holds. A pattern is "
      "one or more whole parts of a tensor's name on Hugging Face, and '*' stands for any text: "
      "v_proj, layers.0, mlp.*, lm_head. affine:4:64/v_proj=affine:6/layers.0=bf16 keeps the whole "
      "first layer in bf16.";
  static const char methods[] =
      "+METHOD after the format, one or several in the order of the list, chooses codes that lose "
      "less than rounding each weight, in the same bytes: affine:4:64+search, q4_k+imatrix+gptq. "
      "+best is the best chain known that learns nothing, in seconds; +best2 the best one that "
      "does, "
      "in minutes and only for the Llama family. An exception's format has methods of its "
      "own.";
  print_heading("Recipes");
  print_paragraph(recipe, 2);
  printf("\n");
  print_paragraph(activations, 2);
  printf("\n");
  print_paragraph(rules, 2);
  printf("\n");
  print_paragraph(methods, 2);
  print_heading("Methods");
  for (int i = 0; i < bl_method_count(); i++) {
    bl_method_info info;
    char entry[32];
    bl_method_get(i, &info);
    snprintf(entry, sizeof entry, "  +%s", info.name);
    print_entry(entry, info.summary);
  }
  print_heading("Formats and mixtures");
  print_kinds(false);
  print_kinds(true);
}

void cli_help_all(const cli_command *const *commands, int n_commands) {
  static const char about[] =
      "bitloss quantizes language models and shows what that costs: size, weight error, and the "
      "text "
      "that each version writes. Nothing leaves this machine.";
  static const char model[] =
      "MODEL is a Hugging Face or MLX directory (config.json, tokenizer.json and safetensors "
      "weights), a .safetensors file, or a .gguf file.";
  printf("bitloss COMMAND [options]\n\n");
  print_paragraph(about, 0);
  print_heading("Commands");
  for (int i = 0; i < n_commands; i++) {
    char entry[64];
    snprintf(entry, sizeof entry, "  %s", commands[i]->name);
    print_entry(entry, commands[i]->summary);
  }
  print_entry("  --version", "Print the version.");
  print_heading("Words");
  print_paragraph(model, 2);
  cli_help_recipes();
  print_heading("Examples");
  printf(
      "  bitloss inspect SmolLM2-135M-Instruct.Q4_1.gguf\n"
      "  bitloss convert --hf-path SmolLM2-135M --mlx-path smol-4bit --quantize\n"
      "  bitloss convert --hf-path SmolLM2-135M --out smol-q4_k_m.gguf --recipe q4_k_m\n"
      "  bitloss convert --hf-path SmolLM2-135M --out smol-nf4 --to torch --recipe nf4\n"
      "  bitloss compare --model SmolLM2-135M --recipes all\n"
      "  bitloss compare --model SmolLM2-135M --recipes affine:8:64,affine:4:64,nf4,q4_0@int8 \\\n"
      "                  --prompt 'The sea is'\n"
      "  bitloss compare --model SmolLM2-135M --text stories.txt --format md\n"
      "  bitloss budget 7B --recipes affine:8:64,affine:4:64\n"
      "\n'bitloss COMMAND --help' explains a command.\n");
}
