/* bitloss inspect: what is in a model. Reads headers only. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "dictionary.h"
#include "inspect_look.h"
#include "recipes.h"
#include "summary.h"

typedef struct settings {
  cli_common common;
  const char *model, *recipes;
  bool tensors, metadata, check;
} settings;

/* Longer lists of tensors are summarised by kind unless --tensors asks for all. */
#define SHORT_LIST 24

/* "[576, 1536]": of the weights, not of the codes that they are packed into. */
static void print_shape(const cli_tensor *tensor, char *text, size_t text_size) {
  const bl_index_tensor *entry = &tensor->entry;
  size_t n = (size_t)snprintf(text, text_size, "[");
  int64_t n_left = tensor->n_params;
  for (int d = 0; d < entry->n_dims && n < text_size; d++) {
    bool is_last = d == entry->n_dims - 1;
    int64_t dim = is_last ? n_left : entry->dims[d];
    n_left = dim > 0 ? n_left / dim : 0;
    n += (size_t)snprintf(text + n, text_size - n, "%s%lld", d ? ", " : "", (long long)dim);
  }
  if (n < text_size) snprintf(text + n, text_size - n, "]");
}

/* ---- text ----------------------------------------------------------------------------------- */

static void print_fact(const char *name, const char *value) {
  char *plain = cli_plain_copy(value);
  if (*plain) {
    printf("%s%-14s%s ", cli_on(CLI_DIM), name, cli_off());
    cli_wrap wrap = {.indent = 15, .width = cli_width(STDOUT_FILENO), .hanging = true};
    cli_print_wrapped(plain, strlen(plain), &wrap);
  }
  free(plain);
}

/* A dim line below a table. */
static void print_remark(const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  printf("%s", cli_on(CLI_DIM));
  cli_print_wrapped(text, strlen(text), &(cli_wrap){.width = cli_width(STDOUT_FILENO)});
}

static void print_facts(const cli_source *source, const cli_summary *s, const cli_look *look) {
  char text[600], count[32], size[16];
  const char *base = strrchr(source->path, '/');
  char *title = cli_plain_copy(base && base[1] ? base + 1 : source->path);
  printf("%s%s%s\n", cli_on(CLI_BOLD), title, cli_off());
  free(title);
  print_fact("name", s->name);
  print_fact("architecture", s->architecture);
  size_t n = 0;
  text[0] = 0;
  if (s->n_layers) n += (size_t)snprintf(text, sizeof text, "%lld layers", (long long)s->n_layers);
  if (s->dim) n += (size_t)snprintf(text + n, sizeof text - n, ", width %lld", (long long)s->dim);
  if (s->n_heads) {
    n += (size_t)snprintf(text + n, sizeof text - n, ", %lld heads", (long long)s->n_heads);
  }
  if (s->n_kv_heads) {
    n += (size_t)snprintf(text + n, sizeof text - n, " (%lld key-value)", (long long)s->n_kv_heads);
  }
  if (s->ffn_dim) {
    snprintf(text + n, sizeof text - n, ", feed-forward %lld", (long long)s->ffn_dim);
  }
  print_fact("shape", strncmp(text, ", ", 2) == 0 ? text + 2 : text);
  if (s->vocab_size) print_fact("vocabulary", cli_count(s->vocab_size, count));
  if (s->max_context) {
    snprintf(text, sizeof text, "%s tokens", cli_count(s->max_context, count));
    print_fact("context", text);
  }
  if (s->tied_output >= 0) {
    print_fact("output", s->tied_output ? "shares the embedding's matrix" : "has its own matrix");
  }
  snprintf(text, sizeof text, "%s, %d file%s", s->container, source->n_weights,
           source->n_weights == 1 ? "" : "s");
  if (source->missing_part)
    snprintf(text, sizeof text, "%s, %d of %lld files", s->container, source->n_weights,
             (long long)source->n_parts);
  print_fact("container", text);
  print_fact("stored as", s->stored_as);
  if (!look->is_unread) print_fact("parameters", cli_count(s->n_params, count));
  print_fact("size", cli_size(s->size_bytes, size));
  snprintf(text, sizeof text, "%.3g bits per weight", s->bits_per_weight);
  if (s->bits_per_weight >= 10)
    snprintf(text, sizeof text, "%.4g bits per weight", s->bits_per_weight);
  if (!look->is_unread) print_fact("precision", text);
  if (*s->tokenizer_problem)
    snprintf(text, sizeof text, "can't be read: %.480s", s->tokenizer_problem);
  else
    snprintf(text, sizeof text, s->has_tokenizer ? "yes" : "none");
  print_fact("tokenizer", text);
  if (!look->was_read)
    print_fact("weights", "not read, as there are more than 1 GB: --check looks for damaged ones");
  for (int i = 0; i < look->n_notes; i++) print_fact("note", look->notes[i]);
  if (look->can_load) return;
  snprintf(text, sizeof text, "can't be converted: %s", look->reason.message);
  print_fact("note", text);
}

/* "model.layers.12.mlp.up_proj.weight" -> "model.layers.*.mlp.up_proj.weight". */
static char *kind_of(const char *name) {
  char *kind = cli_copy(name), *to = kind;
  for (const char *part = name; *part;) {
    size_t n = strcspn(part, "."), digits = strspn(part, "0123456789");
    if (n > 0 && digits == n) {
      *to++ = '*';
    } else {
      memcpy(to, part, n);
      to += n;
    }
    part += n;
    if (*part) *to++ = *part++;
  }
  *to = 0;
  return kind;
}

typedef struct kind {
  char *name, shape[96];
  const char *type;
  int64_t n;
  uint64_t size_bytes;
} kind;

/* By name, numbers by their value: layer 2 before layer 10. */
static int compare_tensors(const void *a, const void *b) {
  const char *x = (*(const cli_tensor *const *)a)->entry.name;
  const char *y = (*(const cli_tensor *const *)b)->entry.name;
  while (*x && *y) {
    size_t n = strspn(x, "0123456789"), m = strspn(y, "0123456789");
    if (n && m && n != m) return n < m ? -1 : 1; /* no leading zeros in these names */
    if (*x != *y) break;
    x++;
    y++;
  }
  return (unsigned char)*x - (unsigned char)*y;
}

/* The tensors sorted, without the scales and biases of others. Free the list. */
static const cli_tensor **sort_tensors(const cli_summary *s, int *n) {
  const cli_tensor **list = cli_alloc((size_t)s->n_tensors * sizeof *list);
  *n = 0;
  for (int i = 0; i < s->n_tensors; i++) {
    if (!s->tensors[i].is_part) list[(*n)++] = &s->tensors[i];
  }
  qsort(list, (size_t)*n, sizeof *list, compare_tensors);
  return list;
}

/* One row per kind of tensor (same name but for numbers, same type and shape), or per tensor. */
static void print_tensors(const cli_summary *s, bool all) {
  static const char *const headings[] = {"tensor", "stored as", "shape", "count", "size"};
  cli_table table = {.n_columns = 5, .headings = headings, .align = "lllrr"};
  kind *kinds = cli_alloc((size_t)s->n_tensors * sizeof *kinds);
  int n_kinds = 0, n_tensors;
  cli_dictionary seen = {0};
  const cli_tensor **list = sort_tensors(s, &n_tensors);
  for (int i = 0; i < n_tensors; i++) {
    const bl_index_tensor *entry = &list[i]->entry;
    kind new = {.name = all ? cli_copy(entry->name) : kind_of(entry->name),
                .type = list[i]->format};
    print_shape(list[i], new.shape, sizeof new.shape);
    char *key = cli_print("%s %s %s", new.type, new.shape, new.name);
    int k = all ? n_kinds : cli_dictionary_add(&seen, key, strlen(key));
    free(key);
    if (k == n_kinds) {
      kinds[n_kinds++] = new;
    } else {
      free(new.name);
    }
    kinds[k].n++;
    kinds[k].size_bytes += list[i]->size_bytes;
  }
  for (int k = 0; k < n_kinds; k++) {
    char count[32], size[16];
    snprintf(count, sizeof count, "%lld", (long long)kinds[k].n);
    const char *cells[] = {kinds[k].name, kinds[k].type, kinds[k].shape, count,
                           cli_size(kinds[k].size_bytes, size)};
    cli_table_add(&table, cells);
    free(kinds[k].name);
  }
  printf("\n");
  cli_table_print(&table);
  if (!all) print_remark("%d tensors of %d kinds; --tensors lists each", n_tensors, n_kinds);
  cli_table_free(&table);
  cli_dictionary_free(&seen);
  free(list);
  free(kinds);
}

static void print_metadata(const cli_summary *s, bool all) {
  int n = bl_index_n_metadata(s->indexes[0]);
  if (n == 0) return;
  if (!all) {
    print_remark("%d metadata entr%s; --metadata lists %s", n, n == 1 ? "y" : "ies",
                 n == 1 ? "it" : "them");
    return;
  }
  static const char *const headings[] = {"metadata", "value"};
  cli_table table = {.n_columns = 2, .headings = headings, .align = "ll"};
  for (int i = 0; i < n; i++) {
    const char *cells[2];
    bl_index_get_metadata(s->indexes[0], i, &cells[0], &cells[1]);
    cli_table_add(&table, cells);
  }
  printf("\n");
  cli_table_print(&table);
  cli_table_free(&table);
}

/* What a recipe would cost, or why it is refused: also by the model, whose matrices its rules may
 * not match. */
static cli_cost cost_of(cli_source *source, const cli_summary *s, const cli_look *look,
                        const bl_recipe *recipe) {
  bl_error error;
  cli_cost cost = cli_cost_of(s, recipe);
  if (!*cost.refusal && recipe->n_rules > 0 && look->can_load &&
      !cli_can_load(source, recipe, &error))
    snprintf(cost.refusal, sizeof cost.refusal, "%s", error.message);
  return cost;
}

/* Says "affine:4:64" of recipes that can't hold some matrices, or all. */
static void remark_misfits(const cli_cost *costs, const cli_recipes *recipes) {
  for (int i = 0; i < recipes->n; i++) {
    char name[BL_RECIPE_TEXT];
    const cli_cost cost = costs[i];
    bl_recipe_print(&recipes->list[i], name, sizeof name);
    if (*cost.refusal)
      print_remark("%s", cost.refusal);
    else if (cost.n_converted > 0 && cost.n_misfits > 0)
      print_remark(
          "%s: %d of %d matrices (%.1f%% of their weights) stay as they are, as the blocks "
          "do not divide their rows",
          name, cost.n_misfits, cost.n_matrices,
          100.0 * (double)cost.n_left / (double)(cost.n_left + cost.n_converted));
  }
}

static void print_costs(cli_source *source, const cli_summary *s, const cli_look *look,
                        const cli_recipes *recipes) {
  static const char *const headings[] = {"recipe", "size", "bits per weight", "of this file"};
  cli_table table = {.n_columns = 4, .headings = headings, .align = "lrrr"};
  char *unfit = cli_copy("");
  cli_cost *costs = cli_alloc((size_t)recipes->n * sizeof *costs);
  for (int i = 0; i < recipes->n; i++) costs[i] = cost_of(source, s, look, &recipes->list[i]);
  for (int i = 0; i < recipes->n && s->n_params > 0; i++) {
    char name[BL_RECIPE_TEXT], size[16], bits[32], share[32];
    const cli_cost cost = costs[i];
    bl_recipe_print(&recipes->list[i], name, sizeof name);
    snprintf(bits, sizeof bits, "%.2f", cost.bits_per_weight);
    snprintf(share, sizeof share, "%.0f%%",
             100.0 * (double)cost.size_bytes / (double)s->size_bytes);
    const char *cells[] = {name, cli_size(cost.size_bytes, size), bits, share};
    const char *none[] = {name, "refused", "", ""};
    cli_table_add(&table, *cost.refusal ? none : cells);
    if (*cost.refusal || cost.n_converted > 0 || bl_recipe_is_reference(&recipes->list[i]))
      continue;
    char *longer = cli_print("%s%s%s", unfit, *unfit ? ", " : "", name);
    free(unfit);
    unfit = longer;
  }
  printf("\n");
  if (table.n_rows) cli_table_print(&table);
  if (*unfit) print_remark("%s: no matrix of this model has rows that the blocks divide", unfit);
  cli_table_free(&table);
  free(unfit);
  remark_misfits(costs, recipes);
  free(costs);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void put_count(bl_json_writer *w, const char *key, int64_t n) {
  if (n > 0) bl_json_put_number(w, key, (double)n);
}

static void put_tensors(bl_json_writer *w, const cli_summary *s) {
  bl_json_open(w, "tensors", '[');
  for (int i = 0; i < s->n_tensors; i++) {
    const cli_tensor *tensor = &s->tensors[i];
    bl_json_open(w, NULL, '{');
    bl_json_put_string(w, "name", tensor->entry.name);
    bl_json_put_string(w, "type", tensor->entry.type);
    bl_json_open(w, "shape", '[');
    for (int d = 0; d < tensor->entry.n_dims; d++)
      bl_json_put_number(w, NULL, (double)tensor->entry.dims[d]);
    bl_json_close(w, ']');
    bl_json_put_number(w, "offset", (double)tensor->entry.offset);
    bl_json_put_number(w, "size_bytes", (double)tensor->entry.size_bytes);
    bl_json_put_string(w, "file", tensor->file);
    bl_json_close(w, '}');
  }
  bl_json_close(w, ']');
}

static void put_look(bl_json_writer *w, const cli_source *source, const cli_look *look) {
  bl_json_put_bool(w, "can_convert", look->can_load);
  if (!look->can_load) bl_json_put_string(w, "reason", look->reason.message);
  bl_json_put_bool(w, "weights_read", look->was_read);
  if (source->n_parts) bl_json_put_number(w, "n_parts", (double)source->n_parts);
  if (source->missing_part) bl_json_put_string(w, "missing_part", source->missing_part);
  bl_json_open(w, "notes", '[');
  for (int i = 0; i < look->n_notes; i++) bl_json_put_string(w, NULL, look->notes[i]);
  bl_json_close(w, ']');
}

static void print_json(cli_source *source, const cli_summary *s, const cli_recipes *recipes,
                       const cli_look *look) {
  bl_json_writer writer = {.style = &cli_json_style}, *w = &writer;
  bl_json_open(w, NULL, '{');
  bl_json_put_string(w, "model", source->path);
  bl_json_put_string(w, "name", s->name);
  bl_json_put_string(w, "architecture", s->architecture);
  bl_json_put_string(w, "container", s->container);
  bl_json_put_string(w, "stored_as", s->stored_as);
  bl_json_put_number(w, "n_params", look->is_unread ? (double)NAN : (double)s->n_params);
  bl_json_put_number(w, "size_bytes", (double)s->size_bytes);
  bl_json_put_number(w, "bits_per_weight", look->is_unread ? (double)NAN : s->bits_per_weight);
  put_look(w, source, look);
  put_count(w, "n_layers", s->n_layers);
  put_count(w, "dim", s->dim);
  put_count(w, "n_heads", s->n_heads);
  put_count(w, "n_kv_heads", s->n_kv_heads);
  put_count(w, "ffn_dim", s->ffn_dim);
  put_count(w, "vocab_size", s->vocab_size);
  put_count(w, "max_context", s->max_context);
  if (s->tied_output >= 0) bl_json_put_bool(w, "tied_output", s->tied_output);
  bl_json_put_bool(w, "has_tokenizer", s->has_tokenizer);
  if (*s->tokenizer_problem) bl_json_put_string(w, "tokenizer_problem", s->tokenizer_problem);
  bl_json_open(w, "costs", '[');
  for (int i = 0; look->can_cost && i < recipes->n && s->n_params > 0; i++) {
    char name[BL_RECIPE_TEXT];
    cli_cost cost = cost_of(source, s, look, &recipes->list[i]);
    bl_recipe_print(&recipes->list[i], name, sizeof name);
    bl_json_open(w, NULL, '{');
    bl_json_put_string(w, "recipe", name);
    if (*cost.refusal) {
      bl_json_put_string(w, "refused", cost.refusal);
    } else {
      bl_json_put_number(w, "size_bytes", (double)cost.size_bytes);
      bl_json_put_number(w, "bits_per_weight", cost.bits_per_weight);
      bl_json_put_number(w, "weights_converted", (double)cost.n_converted);
    }
    bl_json_close(w, '}');
  }
  bl_json_close(w, ']');
  bl_json_open(w, "files", '[');
  for (int i = 0; i < source->n_weights; i++) {
    bl_json_open(w, NULL, '{');
    bl_json_put_string(w, "name", source->weights[i].name);
    bl_json_put_number(w, "size_bytes", (double)source->weights[i].size);
    bl_json_close(w, '}');
  }
  bl_json_close(w, ']');
  bl_json_open(w, "metadata", '{');
  for (int i = 0; i < bl_index_n_metadata(s->indexes[0]); i++) {
    const char *key, *value;
    bl_index_get_metadata(s->indexes[0], i, &key, &value);
    bl_json_put_string(w, key, value);
  }
  bl_json_close(w, '}');
  put_tensors(w, s);
  bl_json_close(w, '}');
  cli_json_print(w);
}

static cli_status run(const void *arguments) {
  const settings *set = arguments;
  cli_source source;
  cli_summary summary = {0};
  cli_recipes recipes;
  if (!cli_recipes_parse(&recipes, set->recipes)) {
    free(recipes.list);
    return CLI_USAGE;
  }
  cli_look look = {0};
  bool ok = cli_source_open_parts(&source, set->model) && cli_summarize(&source, &summary) &&
            cli_look_at(&source, &summary, set->check, &look);
  if (ok) cli_check_tokenizer(&source, &summary);
  if (ok && set->common.json) {
    print_json(&source, &summary, &recipes, &look);
  } else if (ok) {
    print_facts(&source, &summary, &look);
    if (look.can_cost) print_costs(&source, &summary, &look, &recipes);
    print_tensors(&summary, set->tensors || summary.n_tensors <= SHORT_LIST);
    print_metadata(&summary, set->metadata);
  }
  cli_look_free(&look);
  cli_summary_free(&summary);
  cli_source_close(&source);
  free(recipes.list);
  return ok ? CLI_OK : CLI_FAILED;
}

static const cli_option options[] = {
    {.name = "model",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, model),
     .value = "MODEL",
     .required = true,
     .help = "A Hugging Face or MLX directory, a .safetensors file or a .gguf file. The option's "
             "name may be left out."},
    {.name = "recipes",
     .alias = "recipe",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, recipes),
     .value = "LIST",
     .fallback =
         "affine:8:64,affine:6:64,affine:4:64,affine:3:64,affine:2:64,q8_0,q4_k_m,mxfp4,nf4",
     .help = "Recipes to give the size of, with commas between them; 'all' stands for every format "
             "and mixture with its default settings. 'bitloss help recipes' explains them."},
    {.name = "tensors",
     .kind = CLI_FLAG,
     .offset = offsetof(settings, tensors),
     .help = "List every tensor, not one line per kind."},
    {.name = "check",
     .kind = CLI_FLAG,
     .offset = offsetof(settings, check),
     .help = "Look for NaN and infinite weights however large the files are; else only in up to 1 "
             "GB."},
    {.name = "metadata",
     .kind = CLI_FLAG,
     .offset = offsetof(settings, metadata),
     .help = "List the metadata of the first file."},
    {.name = NULL}};

const cli_command cli_inspect = {
    .name = "inspect",
    .summary = "Show what is in a model, and what each precision would cost.",
    .usage = "MODEL [options]",
    .about =
        "Shows a model's architecture, size, stored format and tensors, and exactly how large its "
        "tensors would be under each recipe. Matrices that a format's groups or blocks do not "
        "divide stay as they are, and count as such.\n\n"
        "What can't be converted is said, and why. Sizes come from the headers of the files, so "
        "that "
        "the answer comes at once however large the model is; the weights of up to 1 GB are read "
        "for "
        "what is not a finite number. A lone .safetensors file needs no config.json.",
    .bare = "model",
    .options = options,
    .examples =
        "  bitloss inspect SmolLM2-135M-Instruct.Q4_1.gguf\n"
        "      architecture   llama\n"
        "      stored as      q4_1\n"
        "      parameters     134,515,008\n"
        "      size           96.6 MB\n"
        "      precision      5.74 bits per weight\n"
        "      …\n"
        "      recipe          size  bits per weight  of this file\n"
        "      affine:8:64   143 MB             8.50          148%\n"
        "      affine:4:64  75.7 MB             4.50           78%\n"
        "  bitloss inspect Llama-3.2-1B --recipes q4_k_m,q4_0,nf4 --tensors\n"
        "  bitloss inspect model.safetensors --json | jq '.costs'\n",
    .settings_size = sizeof(settings),
    .run = run,
};
