/* The element types of both containers. */
#include <string.h>

#include "format/index_build.h"

/* Names as the safetensors library 0.8.0 has them. Types below 8 bits are packed: the blocks are
 * the fewest elements that fill whole bytes. */
static const bl_type safetensors_types[] = {
    {"BOOL", 1, 1, NULL},        {"U8", 1, 1, NULL},      {"I8", 1, 1, NULL},
    {"U16", 1, 2, NULL},         {"I16", 1, 2, NULL},     {"U32", 1, 4, NULL},
    {"I32", 1, 4, NULL},         {"U64", 1, 8, NULL},     {"I64", 1, 8, NULL},
    {"F16", 1, 2, "f16"},        {"BF16", 1, 2, "bf16"},  {"F32", 1, 4, "f32"},
    {"F64", 1, 8, NULL},         {"C64", 1, 8, NULL},     {"F8_E4M3", 1, 1, NULL},
    {"F8_E5M2", 1, 1, NULL},     {"F8_E8M0", 1, 1, NULL}, {"F8_E4M3FNUZ", 1, 1, NULL},
    {"F8_E5M2FNUZ", 1, 1, NULL}, {"F6_E2M3", 4, 3, NULL}, {"F6_E3M2", 4, 3, NULL},
    {"F4", 2, 1, NULL},
};

/* Numbers, block lengths and sizes as ggml has them (gguf 0.19.0). */
static const struct {
  uint32_t number;
  bl_type type;
} gguf_types[] = {
    {0, {"F32", 1, 4, "f32"}},          {1, {"F16", 1, 2, "f16"}},
    {2, {"Q4_0", 32, 18, "q4_0"}},      {3, {"Q4_1", 32, 20, "q4_1"}},
    {6, {"Q5_0", 32, 22, "q5_0"}},      {7, {"Q5_1", 32, 24, "q5_1"}},
    {8, {"Q8_0", 32, 34, "q8_0"}},      {9, {"Q8_1", 32, 40, NULL}},
    {10, {"Q2_K", 256, 84, "q2_k"}},    {11, {"Q3_K", 256, 110, "q3_k"}},
    {12, {"Q4_K", 256, 144, "q4_k"}},   {13, {"Q5_K", 256, 176, "q5_k"}},
    {14, {"Q6_K", 256, 210, "q6_k"}},   {15, {"Q8_K", 256, 292, NULL}},
    {16, {"IQ2_XXS", 256, 66, NULL}},   {17, {"IQ2_XS", 256, 74, NULL}},
    {18, {"IQ3_XXS", 256, 98, NULL}},   {19, {"IQ1_S", 256, 50, NULL}},
    {20, {"IQ4_NL", 32, 18, "iq4_nl"}}, {21, {"IQ3_S", 256, 110, NULL}},
    {22, {"IQ2_S", 256, 82, NULL}},     {23, {"IQ4_XS", 256, 136, NULL}},
    {24, {"I8", 1, 1, NULL}},           {25, {"I16", 1, 2, NULL}},
    {26, {"I32", 1, 4, NULL}},          {27, {"I64", 1, 8, NULL}},
    {28, {"F64", 1, 8, NULL}},          {29, {"IQ1_M", 256, 56, NULL}},
    {30, {"BF16", 1, 2, "bf16"}},       {34, {"TQ1_0", 256, 54, NULL}},
    {35, {"TQ2_0", 256, 66, NULL}},     {39, {"MXFP4", 32, 17, "mxfp4_ggml"}},
    {40, {"NVFP4", 64, 36, NULL}},      {41, {"Q1_0", 128, 18, NULL}},
};

const bl_type *bl_safetensors_type(const char *name, size_t size) {
  for (size_t i = 0; i < sizeof safetensors_types / sizeof *safetensors_types; i++) {
    const bl_type *type = &safetensors_types[i];
    if (strlen(type->name) == size && memcmp(type->name, name, size) == 0) return type;
  }
  return NULL;
}

bool bl_gguf_type_of_codec(const char *codec, uint32_t *number) {
  for (size_t i = 0; i < sizeof gguf_types / sizeof *gguf_types; i++) {
    if (!gguf_types[i].type.codec || strcmp(gguf_types[i].type.codec, codec) != 0) continue;
    *number = gguf_types[i].number;
    return true;
  }
  return false;
}

const bl_type *bl_gguf_type(uint32_t number) {
  for (size_t i = 0; i < sizeof gguf_types / sizeof *gguf_types; i++)
    if (gguf_types[i].number == number) return &gguf_types[i].type;
  return NULL;
}
