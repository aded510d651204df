/* RoBERTa, as transformers 5.23 saves it: BERT's block, positions that begin behind the padding's,
 * and a head of its own, whose first layer is what BERT has as its pooler. */
#include "family/rows.h"

static const bl_family_entry entries[] = {
    {"embeddings.word_embeddings", "token_embd", BL_EMBED, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, 0,
     0},
    {"embeddings.position_embeddings", "position_embd", BL_POSITIONS, BL_NO_ROLE, BL_BY_CONTEXT,
     BL_BY_DIM, 0, 0},
    {"embeddings.token_type_embeddings", "token_types", BL_TYPES, BL_NO_ROLE, BL_BY_TYPES,
     BL_BY_DIM, 0, 0},
    {"embeddings.LayerNorm", "token_embd_norm", BL_EMBED_NORM, BL_EMBED_NORM_BIAS, BL_BY_ONE,
     BL_BY_DIM, 0, 0},
    {"encoder.layer.#.attention.self.query", "blk.#.attn_q", BL_Q, BL_Q_BIAS, BL_BY_Q, BL_BY_DIM, 0,
     0},
    {"encoder.layer.#.attention.self.key", "blk.#.attn_k", BL_K, BL_K_BIAS, BL_BY_KV, BL_BY_DIM, 0,
     0},
    {"encoder.layer.#.attention.self.value", "blk.#.attn_v", BL_V, BL_V_BIAS, BL_BY_KV, BL_BY_DIM,
     0, 0},
    {"encoder.layer.#.attention.output.dense", "blk.#.attn_output", BL_O, BL_O_BIAS, BL_BY_DIM,
     BL_BY_Q, 0, 0},
    {"encoder.layer.#.attention.output.LayerNorm", "blk.#.attn_output_norm", BL_ATTN_NORM,
     BL_ATTN_NORM_BIAS, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"encoder.layer.#.intermediate.dense", "blk.#.ffn_up", BL_UP, BL_UP_BIAS, BL_BY_FFN, BL_BY_DIM,
     0, 0},
    {"encoder.layer.#.output.dense", "blk.#.ffn_down", BL_DOWN, BL_DOWN_BIAS, BL_BY_DIM, BL_BY_FFN,
     0, 0},
    {"encoder.layer.#.output.LayerNorm", "blk.#.layer_output_norm", BL_FFN_NORM, BL_FFN_NORM_BIAS,
     BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"pooler.dense", NULL, BL_POOLER, BL_POOLER_BIAS, BL_BY_DIM, BL_BY_DIM, BL_HEAD_NONE, 0},
    {"classifier.dense", "cls", BL_POOLER, BL_POOLER_BIAS, BL_BY_DIM, BL_BY_DIM,
     BL_HEAD_SEQUENCE | BL_OUTSIDE, 0},
    {"classifier.out_proj", "cls.output", BL_CLASSIFIER, BL_CLASSIFIER_BIAS, BL_BY_LABELS,
     BL_BY_DIM, BL_HEAD_SEQUENCE | BL_OUTSIDE, 0},
    {0},
};

/* The numbers from 0 on. */
static const char *const ignored[] = {"embeddings.position_ids", NULL};

static const bl_expected_field expected[] = {
    {"is_decoder", false},
    {"add_cross_attention", false},
    {NULL, false},
};

const bl_family bl_family_roberta = {
    .name = "roberta",
    .gguf = "bert",
    .prefix = "roberta.",
    .may_be_bare = true,
    .fields = BL_BERT_FIELDS,
    .first_position = 2,
    .default_norm_eps = 1e-12,
    .is_tied = true,
    .block = BL_BERT_BLOCK,
    .models = (const bl_model_class[]){{"RobertaModel", BL_HEAD_NONE},
                                       {"RobertaForSequenceClassification", BL_HEAD_SEQUENCE},
                                       {NULL, 0}},
    .expected = expected,
    .entries = entries,
    .ignored = ignored,
};
