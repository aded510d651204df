/* Finding and reading a model's files. */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "read.h"

static const char expected[] =
    "a Hugging Face or MLX directory (config.json, tokenizer.json, safetensors weights), a "
    ".safetensors file or a .gguf file";

static const char shard_index[] = "model.safetensors.index.json";

static bool ends_with(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

static char *join(const char *folder, const char *name) {
  return cli_print("%s%s%s", folder, ends_with(folder, "/") ? "" : "/", name);
}

bool cli_map(cli_file *file) {
  if (file->bytes) return true;
  if (file->size == 0) {
    file->bytes = (const uint8_t *)""; /* mmap takes no empty range */
    return true;
  }
  if (file->size > SIZE_MAX) return cli_fail("%s: too large for this machine", file->path);
  struct stat info;
  int fd = cli_open_file(file->path, &info);
  if (fd < 0) return false;
  bool is_whole = (uint64_t)info.st_size >= file->size;
  void *bytes = is_whole ? mmap(NULL, (size_t)file->size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
  int reason = errno;
  close(fd);
  if (!is_whole) return cli_fail("%s became shorter while it was read", file->path);
  if (bytes == MAP_FAILED) return cli_fail("cannot map %s: %s", file->path, strerror(reason));
  file->bytes = bytes;
  file->mapping = cli_mapping_watch(file->path, bytes, (size_t)file->size);
  return true;
}

/* A text is copied, so that it stays as it was when it was found. */
static bool read_text(cli_file *file) {
  size_t size;
  file->bytes = (uint8_t *)cli_read_file(file->path, CLI_MAX_BESIDE, &size);
  file->size = size;
  return file->bytes != NULL;
}

static void release(cli_file *file) {
  bool is_mapped = file->mapping != NULL;
  cli_mapping_forget(file->mapping);
  if (is_mapped) munmap((void *)(uintptr_t)file->bytes, (size_t)file->size);
  free(file->name);
  free(file->path);
}

/* Appends a regular file to a list. An absent one is an error only when it is `needed`. */
static bool add_file(cli_file **files, int *n_files, const char *folder, const char *name,
                     bool needed) {
  char *path = join(folder, name);
  struct stat info;
  bool is_there = stat(path, &info) == 0;
  if (!is_there || !S_ISREG(info.st_mode)) {
    if (is_there) {
      needed = true;
      cli_fail("%s is not a regular file", path);
    } else if (needed || errno != ENOENT) {
      needed = true;
      cli_fail("cannot open %s: %s", path, strerror(errno));
    }
    free(path);
    return !needed;
  }
  *files = cli_grow(*files, ((size_t)*n_files + 1) * sizeof **files);
  (*files)[(*n_files)++] =
      (cli_file){.name = cli_copy(name), .path = path, .size = (uint64_t)info.st_size};
  return true;
}

bool cli_source_add(cli_source *source, const char *name) {
  return add_file(&source->weights, &source->n_weights, source->folder, name, true);
}

static int compare_names(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a directory that end in `end`, sorted. */
static char **list_names(const char *folder, const char *end, int *n_names) {
  char **names = NULL;
  *n_names = 0;
  DIR *dir = opendir(folder);
  if (!dir) cli_die("cannot open %s: %s", folder, strerror(errno));
  for (struct dirent *entry; (entry = readdir(dir));) {
    if (entry->d_name[0] == '.' || !ends_with(entry->d_name, end)) continue;
    names = cli_grow(names, ((size_t)*n_names + 1) * sizeof *names);
    names[(*n_names)++] = cli_copy(entry->d_name);
  }
  closedir(dir);
  if (names) qsort(names, (size_t)*n_names, sizeof *names, compare_names);
  return names;
}

static void free_names(char **names, int n_names) {
  for (int i = 0; i < n_names; i++) free(names[i]);
  free(names);
}

/* Adds every file that the shard index names, each once. The index may be anyone's, so a name that
 * leads out of the directory is refused. */
static bool add_shards(cli_source *source, const cli_file *index) {
  cJSON *json = cli_json_object(index->path, index->bytes, (size_t)index->size);
  if (!json) return false;
  const cJSON *map = cJSON_GetObjectItemCaseSensitive(json, "weight_map"), *shard = NULL;
  bool ok = true;
  if (!cJSON_IsObject(map) || !map->child) {
    ok = cli_fail("%s: expected an object 'weight_map' from tensors to files", index->path);
  }
  char **names = NULL;
  int n_names = 0;
  cJSON_ArrayForEach(shard, map) {
    const char *name = cJSON_GetStringValue(shard);
    if (!name || !*name || strchr(name, '/') || name[0] == '.') {
      ok = cli_fail("%s: tensor '%.96s' is in '%.96s', expected the name of a file beside it",
                    index->path, shard->string, name ? name : "(not a text)");
      break;
    }
    if (n_names && strcmp(names[n_names - 1], name) == 0) continue;
    names = cli_grow(names, ((size_t)n_names + 1) * sizeof *names);
    names[n_names++] = cli_copy(name);
  }
  if (names) qsort(names, (size_t)n_names, sizeof *names, compare_names);
  for (int i = 0; ok && i < n_names; i++) {
    if (i && strcmp(names[i], names[i - 1]) == 0) continue;
    char *path = join(source->folder, names[i]);
    if (access(path, F_OK) != 0) {
      ok = cli_fail("cannot open %s: %s (%s lists it)", path, strerror(errno), shard_index);
    }
    free(path);
    ok = ok && add_file(&source->weights, &source->n_weights, source->folder, names[i], true);
  }
  free_names(names, n_names);
  cJSON_Delete(json);
  return ok;
}

/* The only file, or the numbered files of one model. */
static bool add_files(cli_source *source, char **names, int n) {
  int n_parts = 0;
  for (int i = 0; i < n; i++) n_parts += cli_part_of(names[0], names[i]);
  if (n_parts == n && cli_source_add_parts(source, names[0])) return true;
  if (n == 1) return cli_source_add(source, names[0]);
  return cli_fail("%s holds %d weight files (%s, %s%s) and no %s: name one of them", source->path,
                  n, names[0], names[1], n > 2 ? ", …" : "", shard_index);
}

/* A directory's weights: model.safetensors, or the shards of its index, or the one other file. */
static bool add_folder_weights(cli_source *source) {
  const cli_file *index = cli_source_text(source, shard_index);
  bool ok =
      add_file(&source->weights, &source->n_weights, source->folder, "model.safetensors", false);
  if (!ok || source->n_weights) return ok;
  if (index) return add_shards(source, index);

  int n_safetensors, n_gguf;
  char **safetensors = list_names(source->folder, ".safetensors", &n_safetensors);
  char **gguf = list_names(source->folder, ".gguf", &n_gguf);
  char **names = n_safetensors ? safetensors : gguf;
  int n = n_safetensors ? n_safetensors : n_gguf;
  ok = n > 0 ? add_files(source, names, n)
             : cli_fail("%s holds no weights: expected %s", source->path, expected);
  free_names(safetensors, n_safetensors);
  free_names(gguf, n_gguf);
  return ok;
}

/* "org/name" that is not here is probably meant to be downloaded. */
static bool looks_like_hub_name(const char *path) {
  const char *slash = strchr(path, '/');
  return slash && slash != path && slash[1] && !strchr(slash + 1, '/') && path[0] != '.' &&
         path[0] != '~' && !ends_with(path, ".gguf") && !ends_with(path, ".safetensors");
}

static bool fail_to_open(const char *path, int reason) {
  if (reason == ENOENT && looks_like_hub_name(path)) {
    return cli_fail("cannot open %s: %s (bitloss downloads nothing; give a path on this machine)",
                    path, strerror(reason));
  }
  return cli_fail("cannot open %s: %s", path, strerror(reason));
}

/* Sets the path and the folder, and says whether MODEL is a directory. */
static bool split_path(cli_source *source, const char *path) {
  struct stat info;
  if (stat(path, &info) != 0) return fail_to_open(path, errno);
  source->is_folder = S_ISDIR(info.st_mode);
  if (!source->is_folder && !S_ISREG(info.st_mode)) {
    return cli_fail("%s is not a file or a directory: expected %s", path, expected);
  }
  source->path = cli_copy(path);
  size_t size = strlen(path);
  while (size > 1 && source->path[size - 1] == '/') source->path[--size] = 0;
  char *slash = strrchr(source->path, '/');
  if (source->is_folder) {
    source->folder = cli_copy(source->path);
  } else if (!slash) {
    source->folder = cli_copy(".");
  } else {
    source->folder =
        cli_print("%.*s", slash == source->path ? 1 : (int)(slash - source->path), source->path);
  }
  return true;
}

/* Is it one of the texts that a model is read from, which must be files? The others only travel. */
static bool is_read(const char *name) {
  static const char *const names[] = {"config.json", "tokenizer.json", "tokenizer_config.json",
                                      "generation_config.json", shard_index};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(names[i], name) == 0) return true;
  }
  return false;
}

static bool add_text(cli_source *source, const char *name) {
  char *path = join(source->folder, name);
  struct stat info;
  bool is_odd = !is_read(name) && stat(path, &info) == 0 && !S_ISREG(info.st_mode);
  if (is_odd) cli_note("%s is not a regular file: it was not copied", path);
  free(path);
  return is_odd || add_file(&source->texts, &source->n_texts, source->folder, name, false);
}

/* Chat templates beyond the first lie in a folder of their own, where there is one. */
static bool add_templates(cli_source *source) {
  static const char sub[] = "additional_chat_templates";
  char *folder = join(source->folder, sub), **names = NULL;
  int n_names = 0;
  struct stat info;
  if (stat(folder, &info) == 0 && S_ISDIR(info.st_mode))
    names = list_names(folder, ".jinja", &n_names);
  bool ok = true;
  for (int i = 0; ok && i < n_names; i++) {
    char *name = join(sub, names[i]);
    ok = add_text(source, name);
    free(name);
  }
  free_names(names, n_names);
  free(folder);
  return ok;
}

static bool add_texts(cli_source *source) {
  for (const char *const *name = bl_loader_text_names(); *name; name++) {
    if (!add_text(source, *name)) return false;
  }
  if (!add_templates(source)) return false;
  for (int i = 0; i < source->n_texts; i++) {
    if (!read_text(&source->texts[i])) return false;
  }
  return true;
}

bool cli_source_open_texts(cli_source *source, const char *path) {
  *source = (cli_source){0};
  return split_path(source, path) && add_texts(source);
}

bool cli_source_open(cli_source *source, const char *path) {
  if (!cli_source_open_parts(source, path)) return false;
  return !source->missing_part ||
         cli_fail("%s is missing: %s is one of %lld files of the model", source->missing_part,
                  source->weights[0].name, (long long)source->n_parts);
}

bool cli_source_open_parts(cli_source *source, const char *path) {
  *source = (cli_source){0};
  if (!*path) return cli_fail("the path of the model is empty: expected %s", expected);
  if (!split_path(source, path)) return false;
  if (!source->is_folder && ends_with(path, ".json"))
    return cli_fail("%s is not a weight file: give the directory it is in", path);
  if (!add_texts(source)) return false;
  if (source->is_folder) {
    if (!add_folder_weights(source)) return false;
  } else {
    const char *slash = strrchr(source->path, '/'), *name = slash ? slash + 1 : source->path;
    if (!cli_source_add_parts(source, name) && !cli_source_add(source, name)) return false;
  }
  for (int i = 0; i < source->n_weights; i++) source->weights_size += source->weights[i].size;
  cli_file *first = &source->weights[0];
  if (!cli_map(first)) return false;
  source->is_gguf = first->size >= 4 && memcmp(first->bytes, "GGUF", 4) == 0;
  if (source->is_folder && !source->is_gguf && !cli_source_text(source, "config.json")) {
    return cli_fail("%s holds no config.json: expected %s", source->path, expected);
  }
  return true;
}

void cli_source_close(cli_source *source) {
  for (int i = 0; i < source->n_weights; i++) release(&source->weights[i]);
  for (int i = 0; i < source->n_texts; i++) {
    free((void *)(uintptr_t)source->texts[i].bytes);
    release(&source->texts[i]);
  }
  free(source->weights);
  free(source->texts);
  free(source->path);
  free(source->folder);
  free(source->missing_part);
  *source = (cli_source){0};
}

const cli_file *cli_source_text(const cli_source *source, const char *name) {
  for (int i = 0; i < source->n_texts; i++) {
    if (strcmp(source->texts[i].name, name) == 0) return &source->texts[i];
  }
  return NULL;
}

cJSON *cli_source_config(const cli_source *source, bool *ok) {
  const cli_file *file = source->is_gguf ? NULL : cli_source_text(source, "config.json");
  *ok = true;
  if (!file) return NULL;
  cJSON *json = cli_json_object(file->path, file->bytes, (size_t)file->size);
  *ok = json != NULL;
  return json;
}
