/* bitloss convert: the flags of `mlx_lm convert`, and its output; or a GGUF file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "calibrate.h"
#include "family/family.h"
#include "learn.h"
#include "recipes.h"
#include "summary.h"

typedef struct settings {
  cli_common common;
  const char *hf_path, *out, *to, *recipe, *q_mode, *quant_predicate, *dtype;
  bool quantize, dequantize, allow_not_finite;
  int64_t q_bits, q_group_size;
  cli_calibrate_settings calibrate;
} settings;

/* What lies in a model's folder and is neither read nor written by the core: other forms of the
 * tokenizer, and the terms under which the model may be used. */
static const char *const other_files[] = {
    "vocab.json", "merges.txt", "tokenizer.model", "LICENSE",    "LICENSE.txt",
    "LICENSE.md", "LICENCE",    "NOTICE",          "NOTICE.txt", "USE_POLICY.md"};

/* A dequantized tensor gets the type that its scales had, unless --dtype or the config says. */
static bl_dtype scales_dtype(const cli_summary *summary) {
  for (int i = 0; i < summary->n_tensors; i++) {
    const cli_tensor *tensor = &summary->tensors[i];
    if (tensor->is_codes) return tensor->param_dtype;
  }
  return BL_F16;
}

static bool writes_gguf(const settings *set) {
  if (set->to) return strcmp(set->to, "gguf") == 0;
  size_t n = set->out ? strlen(set->out) : 0;
  return n >= 5 && strcmp(set->out + n - 5, ".gguf") == 0;
}

static bool writes_torch(const settings *set) {
  return set->to && strcmp(set->to, "torch") == 0;
}

static const char *output_path(const settings *set) {
  if (set->out) return set->out;
  return writes_gguf(set) ? "model.gguf" : writes_torch(set) ? "torch_model" : "mlx_model";
}

/* Are the weights to be changed, by either option? */
static bool changes_weights(const settings *set) {
  return set->quantize || set->recipe;
}

/* Is this one of MLX's modes that have one width and one group size, and which? */
static bool is_fixed_mode(const char *mode, int *bits, int *group) {
  *bits = strcmp(mode, "mxfp8") == 0 ? 8 : 4;
  *group = strcmp(mode, "nvfp4") == 0 ? 16 : 32;
  return strcmp(mode, "affine") != 0;
}

/* Writes the recipe that the q options spell, with mlx_lm's defaults. */
static bool spell_recipe(const settings *set, char *text, size_t text_size) {
  int bits, group;
  long long q_bits = set->q_bits ? set->q_bits : 4;
  long long q_group = set->q_group_size ? set->q_group_size : 64;
  bool is_fixed = is_fixed_mode(set->q_mode, &bits, &group);
  if (is_fixed && set->quant_predicate)
    return cli_fail("--quant-predicate mixes widths of --q-mode affine; it has no meaning for %s",
                    set->q_mode);
  if (is_fixed &&
      ((set->q_bits && set->q_bits != bits) || (set->q_group_size && set->q_group_size != group)))
    return cli_fail(
        "--q-mode %s has %d bits and groups of %d; leave out --q-bits and "
        "--q-group-size, or give these",
        set->q_mode, bits, group);
  if (set->quant_predicate)
    snprintf(text, text_size, "%s:%lld", set->quant_predicate, q_group);
  else if (is_fixed)
    snprintf(text, text_size, "%s", set->q_mode);
  else
    snprintf(text, text_size, "affine:%lld:%lld", q_bits, q_group);
  return true;
}

static bool is_float(const bl_recipe_kind *kind) {
  return strcmp(kind->family, "float") == 0;
}

/* "MLX's", for "q4_0 is GGUF's format". */
static const char *owner_of(const bl_recipe_kind *kind) {
  static const char *const owners[][2] = {{"mlx", "MLX's"},
                                          {"ggml", "GGUF's"},
                                          {"torch", "torch's"},
                                          {"bitsandbytes", "bitsandbytes'"}};
  for (size_t i = 0; i < sizeof owners / sizeof *owners; i++)
    if (strcmp(owners[i][0], kind->family) == 0) return owners[i][1];
  return "a plain";
}

/* Can what is written hold the recipe's format? Told before the work, not after it; exceptions for
 * single tensors are left to the export. */
static bool check_container(const settings *set, const char *recipe) {
  bl_recipe_kind kind;
  if (!cli_recipe_kind(recipe, &kind)) return true;
  const unsigned wanted = writes_gguf(set)    ? BL_HOLDS_GGUF
                          : writes_torch(set) ? BL_HOLDS_TORCH
                                              : BL_HOLDS_MLX;
  const char *owner = owner_of(&kind);
  if (kind.containers & wanted) return true;
  if (wanted == BL_HOLDS_GGUF)
    return cli_fail(
        "%s is %s format, which GGUF has no type for: give --recipe q4_0, q8_0 or "
        "another of GGUF's, or write an MLX directory with --to mlx",
        recipe, owner);
  if (wanted == BL_HOLDS_TORCH)
    return cli_fail(
        "%s is %s format, of which transformers loads no checkpoint: give --recipe "
        "nf4, nf4_double, int8, int4 or a float type",
        recipe, owner);
  return cli_fail(
      "%s is %s format, which an MLX directory can't hold: give --recipe affine:4:64 "
      "or another of MLX's, or write %s",
      recipe, owner,
      kind.containers & BL_HOLDS_GGUF    ? "a GGUF file with --to gguf"
      : kind.containers & BL_HOLDS_TORCH ? "for transformers with --to torch"
                                         : "nothing: bitloss compare measures it");
}

/* Reads --recipe, or the recipe that the q options spell. */
static bool parse_recipe(const settings *set, bl_recipe *recipe) {
  char text[BL_RECIPE_TEXT];
  bl_error error;
  if (!spell_recipe(set, text, sizeof text)) return false;
  if (bl_recipe_parse(set->recipe ? set->recipe : text, recipe, &error) != BL_OK)
    return cli_fail("%s", error.message);
  bl_recipe_print(recipe, text, sizeof text);
  if (bl_activations_static(recipe->activations))
    return cli_fail(
        "%s: nothing that convert writes has a place for the scales of static activations, which "
        "compare and generate take from a text: leave out what follows the '@'",
        text);
  return !changes_weights(set) || check_container(set, text);
}

/* "/word_embeddings=reference/position_embeddings=reference" for all that a family looks up. */
static char *keep_looked_up(const bl_family *family) {
  char *kept = cli_copy("");
  for (const bl_family_entry *e = family->entries; e->hf; e++) {
    if (e->weight != BL_EMBED && e->weight != BL_POSITIONS && e->weight != BL_TYPES) continue;
    const char *dot = strrchr(e->hf, '.');
    char *longer = cli_print("%s/%s=reference", kept, dot ? dot + 1 : e->hf);
    free(kept);
    kept = longer;
  }
  return kept;
}

/* bitsandbytes and torchao leave embeddings and the output matrix as they are. Quantizing them
 * would cost accuracy and save nothing, since a checkpoint holds them as floats. Exceptions of the
 * recipe's own come after these, and hold. */
static bool keep_embedding(const cli_summary *summary, bl_recipe *recipe) {
  char text[BL_RECIPE_TEXT];
  bl_error error;
  bl_recipe_print(recipe, text, sizeof text);
  int base = (int)strcspn(text, "/");
  const bl_family *family = bl_family_find(summary->architecture);
  bool has_output = summary->tied_output != 1 && !(family && family->block.is_encoder);
  char *embeddings = keep_looked_up(family ? family : &bl_family_llama);
  char *kept = cli_print("%.*s%s%s%s", base, text, embeddings,
                         has_output ? "/lm_head=reference" : "", text + base);
  free(embeddings);
  bool ok = bl_recipe_parse(kept, recipe, &error) == BL_OK || cli_fail("%s", error.message);
  free(kept);
  return ok;
}

/* Decides what depends on the source: the type to cast to, and to dequantize to. */
static bool choose(const settings *set, cli_source *source, bl_load_options *load) {
  bl_error error;
  cli_summary summary = {0};
  bool ok = cli_summarize(source, &summary);
  /* From GGUF to GGUF every tensor can stay as it is. */
  bool keeps_all = writes_gguf(set) && source->is_gguf;
  load->cast = keeps_all ? BL_DTYPE_NONE : summary.cast;
  if (set->dtype) bl_dtype_parse(set->dtype, &load->cast);
  if (ok && set->dequantize) {
    bl_dtype dtype = load->cast != BL_DTYPE_NONE ? load->cast : scales_dtype(&summary);
    if (bl_recipe_parse(bl_dtype_name(dtype), &load->recipe, &error) != BL_OK) {
      ok = cli_fail("%s", error.message);
    }
  }
  char text[BL_RECIPE_TEXT];
  bl_recipe_print(&load->recipe, text, sizeof text);
  bl_recipe_kind kind;
  if (ok && writes_torch(set) && cli_recipe_kind(text, &kind) && !is_float(&kind))
    ok = keep_embedding(&summary, &load->recipe);
  bool had_codes = ok && summary.bits_per_weight < 12;
  if (had_codes && changes_weights(set)) {
    cli_note("%s is quantized already (%s): quantizing it again adds to its error", source->path,
             summary.stored_as);
  }
  cli_summary_free(&summary);
  return ok;
}

static bool write_files(cli_output *output, const cli_source *source, const bl_export *ex) {
  uint64_t total = 0, done = 0;
  int n = bl_export_n_files(ex);
  for (int i = 0; i < n; i++) total += bl_export_file_size(ex, i);
  bool ok = true;
  cli_progress_start("Writing", "B", total);
  for (int i = 0; ok && i < n; i++) ok = cli_output_export(output, ex, i, &done);
  cli_progress_end();
  /* Texts that lie beside a lone GGUF file may be another model's. */
  for (size_t i = 0; ok && !source->is_gguf && i < sizeof other_files / sizeof *other_files; i++) {
    ok = cli_output_copy(output, source, other_files[i]);
  }
  return ok;
}

/* The one file of a GGUF export, which carries its texts itself. */
static bool write_one_file(cli_output *output, const bl_export *ex) {
  uint64_t done = 0;
  cli_progress_start("Writing", "B", bl_export_file_size(ex, 0));
  bool ok = cli_output_export(output, ex, 0, &done);
  cli_progress_end();
  return ok;
}

static bool commit(const settings *set, cli_output *output, const bl_export *ex) {
  return writes_gguf(set) ? cli_output_commit_file(output, bl_export_file_name(ex, 0))
                          : cli_output_commit(output);
}

static void report(const settings *set, const bl_model *model, const bl_export *ex,
                   double seconds) {
  char size[16];
  bl_model_info info;
  bl_weight_error error;
  bl_model_get_info(model, &info);
  bl_model_get_error(model, &error);
  if (set->common.json) {
    bl_json_writer writer = {.style = &cli_json_style}, *w = &writer;
    bl_json_open(w, NULL, '{');
    bl_json_put_string(w, "model", set->hf_path);
    bl_json_put_string(w, "output", output_path(set));
    bl_json_put_string(w, "recipe", info.recipe);
    bl_json_put_number(w, "n_params", (double)info.n_params);
    bl_json_put_number(w, "source_bytes", (double)info.source_bytes);
    bl_json_put_number(w, "size_bytes", (double)info.size_bytes);
    bl_json_put_number(w, "bits_per_weight", info.bits_per_weight);
    bl_json_put_number(w, "rmse", error.n ? error.rmse : 0);
    bl_json_put_number(w, "snr_db", error.n ? error.snr_db : (double)INFINITY);
    bl_json_put_number(w, "seconds", seconds);
    bl_json_put_number(w, "peak_memory_bytes", (double)cli_peak_memory());
    cli_json_notes(w, model, ex);
    bl_json_close(w, '}');
    cli_json_print(w);
    return;
  }
  char *path = cli_plain_copy(output_path(set));
  printf("%.3f bits per weight, %s in %s\n", info.bits_per_weight, cli_size(info.size_bytes, size),
         path);
  free(path);
  if (error.n && isfinite(error.snr_db)) {
    printf("weight error: RMSE %.3g, signal to noise %.1f dB\n", error.rmse, error.snr_db);
  }
}

/* The name of the folder that the model is in, for a model whose files name it nowhere; NULL where
 * the path does not tell it, or it is a revision in the hub's cache. */
static const char *folder_name(const cli_source *source) {
  const char *slash = strrchr(source->folder, '/');
  const char *name = slash ? slash + 1 : source->folder;
  bool is_revision = strlen(name) == 40 && strspn(name, "0123456789abcdef") == 40;
  return source->is_gguf || !*name || *name == '.' || is_revision ? NULL : name;
}

static bool convert(const settings *set, const bl_recipe *recipe, cli_source *source,
                    cli_output *output) {
  double started = cli_seconds();
  bl_error error;
  bl_model *model = NULL, *teacher = NULL;
  bl_export *ex = NULL;
  bl_pool *pool = NULL;
  cli_calibration calibration = {0};
  bl_load_options load = {
      .measure = true, .not_finite = BL_NOT_FINITE_NEVER, .name = folder_name(source)};
  if (set->allow_not_finite) load.not_finite = BL_NOT_FINITE_ANYWHERE;
  if (changes_weights(set)) load.recipe = *recipe;
  source->is_to_travel = true;
  bool ok = choose(set, source, &load);
  if (ok) {
    pool = bl_pool_new(set->common.threads ? (int)set->common.threads : cli_default_threads());
    load.pool = pool;
    load.learns = true;
    ok = cli_calibrate_source(&calibration, &set->calibrate, source, &load, &teacher) &&
         cli_load(source, &load, changes_weights(set) ? "Quantizing" : "Converting", &model) &&
         cli_learn(model, teacher, &load, &set->calibrate, &calibration);
  }
  if (ok) {
    const bl_mlx_options mlx = {.general_bits = (int)set->q_bits,
                                .group_unnamed = set->quant_predicate && !set->q_group_size};
    ex = writes_gguf(set)    ? bl_export_gguf_new(model, &error)
         : writes_torch(set) ? bl_export_torch_new(model, &error)
                             : bl_export_mlx_with(model, &mlx, &error);
    ok = ex || cli_fail("%s", error.message);
  }
  ok = ok && (writes_gguf(set) ? write_one_file(output, ex) : write_files(output, source, ex));
  if (ok) {
    cli_export_notes(ex);
    report(set, model, ex, cli_seconds() - started); /* which comes out only after the commit */
    ok = commit(set, output, ex);
  }
  bl_export_free(ex);
  bl_model_free(model);
  bl_model_free(teacher);
  cli_calibration_free(&calibration);
  bl_pool_free(pool);
  return ok;
}

static cli_status run(const void *arguments) {
  const settings *set = arguments;
  if (set->quantize + set->dequantize + (set->recipe != NULL) > 1) {
    cli_fail(set->recipe ? "--recipe, --quantize and --dequantize exclude each other"
                         : "--quantize and --dequantize exclude each other");
    return CLI_USAGE;
  }
  bl_recipe recipe;
  if (!parse_recipe(set, &recipe)) return CLI_USAGE;
  bool is_affine = strcmp(set->q_mode, "affine") == 0;
  if (!set->quantize && (set->q_bits || set->q_group_size || set->quant_predicate || !is_affine)) {
    cli_note(
        "--q-bits, --q-group-size, --q-mode and --quant-predicate do nothing without "
        "--quantize");
  }
  cli_source source;
  cli_output output = {0};
  cli_catch_interrupts();
  bool ok = cli_source_open(&source, set->hf_path) && cli_output_begin(&output, output_path(set)) &&
            convert(set, &recipe, &source, &output);
  cli_output_end(&output);
  cli_source_close(&source);
  return ok ? CLI_OK : CLI_FAILED;
}

static const cli_option options[] = {
    {.name = "hf-path",
     .alias = "model",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, hf_path),
     .value = "MODEL",
     .required = true,
     .help = "A Hugging Face or MLX directory, a .safetensors file or a .gguf file."},
    {.name = "mlx-path",
     .alias = "out",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, out),
     .value = "PATH",
     .not_empty = true,
     .help = "The directory to write, or the GGUF file when the name ends in .gguf. It must not "
             "exist; it appears only when it is complete. The default is mlx_model, model.gguf "
             "with --to gguf, and torch_model with --to torch."},
    {.name = "to",
     .kind = CLI_CHOICE,
     .offset = offsetof(settings, to),
     .value = "mlx|gguf|torch",
     .help = "What to write, whatever the name ends in: a directory for mlx_lm, mlx-swift and LM "
             "Studio; one file for llama.cpp and what is built on it (Ollama, LM Studio); or a "
             "directory for transformers, with bitsandbytes or torchao. The default is mlx."},
    {.name = "recipe",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, recipe),
     .value = "RECIPE",
     .help = "What to do to the weights, in place of -q: affine:4:64, mxfp4, nvfp4 … for MLX; "
             "q8_0, q4_k_m … for GGUF; nf4, nf4_double, int8, int4:64 for transformers; f32, f16 "
             "or bf16 for each. 'bitloss help recipes' lists them all and explains exceptions."},
    {.name = "quantize",
     .letter = 'q',
     .kind = CLI_FLAG,
     .offset = offsetof(settings, quantize),
     .help = "Quantize the weights. Without it they are only cast and repacked."},
    {.name = "q-bits",
     .kind = CLI_INT,
     .offset = offsetof(settings, q_bits),
     .value = "N",
     .min = 2,
     .max = 8,
     .help = "Bits per code of affine: 2, 3, 4, 5, 6 or 8. The default is 4; the other modes have "
             "one width each."},
    {.name = "q-group-size",
     .kind = CLI_INT,
     .offset = offsetof(settings, q_group_size),
     .value = "N",
     .min = 16,
     .max = 128,
     .help = "Weights that share a scale: 32, 64 or 128 for affine, 64 by default; always 32 for "
             "mxfp4 and mxfp8, and 16 for nvfp4."},
    {.name = "q-mode",
     .kind = CLI_CHOICE,
     .offset = offsetof(settings, q_mode),
     .value = "affine|mxfp4|mxfp8|nvfp4",
     .fallback = "affine",
     .help = "MLX's number format: codes with a scale and a bias, or small floats with a shared "
             "scale."},
    {.name = "quant-predicate",
     .kind = CLI_CHOICE,
     .offset = offsetof(settings, quant_predicate),
     .value = "mixed_2_6|mixed_3_4|mixed_3_6|mixed_4_6",
     .help = "Two widths, in place of --q-bits: the higher one for the output matrix, and in some "
             "layers for the value and down projections, where it helps most."},
    CLI_CALIBRATE_OPTIONS(settings),
    CLI_LEARN_OPTIONS(settings),
    {.name = "dtype",
     .kind = CLI_CHOICE,
     .offset = offsetof(settings, dtype),
     .value = "float16|bfloat16|float32",
     .help =
         "The type of scales, biases and whatever is not quantized. The default is config.json's "
         "torch_dtype, else each tensor's own; float16 for a .gguf file, which stays as it is with "
         "--to gguf."},
    {.name = "dequantize",
     .letter = 'd',
     .kind = CLI_FLAG,
     .offset = offsetof(settings, dequantize),
     .help = "Turn a quantized model into plain floats."},
    {.name = "allow-not-finite",
     .kind = CLI_FLAG,
     .offset = offsetof(settings, allow_not_finite),
     .help = "Go on where weights are NaN or infinite, or more than a format can hold, such as f16 "
             "scales; a note then says how many there are in which tensors. Without it nothing is "
             "written."},
    {.name = "upload-repo",
     .kind = CLI_REFUSED,
     .value = "REPO",
     .help =
         "bitloss sends nothing anywhere; upload the finished directory with the hub's own tool"},
    {.name = "trust-remote-code",
     .kind = CLI_REFUSED,
     .help = "bitloss runs no code from a model's directory, so there is nothing to trust"},
    {.name = NULL}};

const cli_command cli_convert = {
    .name = "convert",
    .summary = "Quantize a model and write it for MLX, llama.cpp or transformers.",
    .usage = "--hf-path MODEL [--out PATH] [-q | --recipe RECIPE] [options]",
    .about =
        "Writes the directory that 'mlx_lm convert' writes with the same options: the weights are "
        "the "
        "same to the bit, and mlx_lm, mlx-swift and LM Studio load it. Needs neither Python nor a "
        "Mac.\n\n"
        "With --to gguf, or a name that ends in .gguf, writes the one file that llama.cpp's own "
        "converter writes: metadata, tokenizer and tensors.\n\n"
        "With --to torch writes the directory that transformers' save_pretrained writes of a model "
        "quantized with bitsandbytes (nf4, nf4_double) or torchao (int8, int4), with the same "
        "bytes, or one in floats. As there, the embedding and the output matrix stay floats.\n\n"
        "Weights are converted as they are read, so memory holds the result, not the original.",
    .bare = "hf-path",
    .options = options,
    .examples =
        "  bitloss convert --hf-path SmolLM2-135M --mlx-path smol-4bit -q\n"
        "      4.503 bits per weight, 75.7 MB in smol-4bit\n"
        "      weight error: RMSE 0.0173, signal to noise 20.5 dB\n"
        "  bitloss convert --hf-path model.gguf --mlx-path out -q --q-bits 8 --q-group-size 32\n"
        "  bitloss convert --hf-path smol-4bit --mlx-path smol-bf16 -d --dtype bfloat16\n"
        "  bitloss convert --hf-path SmolLM2-135M --mlx-path smol-mxfp4 -q --q-mode mxfp4\n"
        "  bitloss convert --hf-path SmolLM2-135M --out smol-q8_0.gguf --recipe q8_0\n"
        "  bitloss convert --hf-path SmolLM2-135M --out smol-q4_k_m.gguf --recipe q4_k_m\n"
        "  bitloss convert --hf-path SmolLM2-135M --out smol-mixed \\\n"
        "                  --recipe affine:4:64/lm_head=affine:8/v_proj=affine:6/layers.0=bf16\n"
        "  bitloss convert --hf-path SmolLM2-135M --out smol-nf4 --to torch --recipe nf4\n",
    .settings_size = sizeof(settings),
    .run = run,
};
