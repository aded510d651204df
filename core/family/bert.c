/* BERT, as transformers 5.23 saves it. */
#include "family/rows.h"

static const bl_family_entry entries[] = {
    {"embeddings.word_embeddings", NULL, BL_EMBED, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, 0, 0},
    {"embeddings.position_embeddings", NULL, BL_POSITIONS, BL_NO_ROLE, BL_BY_CONTEXT, BL_BY_DIM, 0,
     0},
    {"embeddings.token_type_embeddings", NULL, BL_TYPES, BL_NO_ROLE, BL_BY_TYPES, BL_BY_DIM, 0, 0},
    {"embeddings.LayerNorm", NULL, BL_EMBED_NORM, BL_EMBED_NORM_BIAS, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"encoder.layer.#.attention.self.query", NULL, BL_Q, BL_Q_BIAS, BL_BY_Q, BL_BY_DIM, 0, 0},
    {"encoder.layer.#.attention.self.key", NULL, BL_K, BL_K_BIAS, BL_BY_KV, BL_BY_DIM, 0, 0},
    {"encoder.layer.#.attention.self.value", NULL, BL_V, BL_V_BIAS, BL_BY_KV, BL_BY_DIM, 0, 0},
    {"encoder.layer.#.attention.output.dense", NULL, BL_O, BL_O_BIAS, BL_BY_DIM, BL_BY_Q, 0, 0},
    {"encoder.layer.#.attention.output.LayerNorm", NULL, BL_ATTN_NORM, BL_ATTN_NORM_BIAS, BL_BY_ONE,
     BL_BY_DIM, 0, 0},
    {"encoder.layer.#.intermediate.dense", NULL, BL_UP, BL_UP_BIAS, BL_BY_FFN, BL_BY_DIM, 0, 0},
    {"encoder.layer.#.output.dense", NULL, BL_DOWN, BL_DOWN_BIAS, BL_BY_DIM, BL_BY_FFN, 0, 0},
    {"encoder.layer.#.output.LayerNorm", NULL, BL_FFN_NORM, BL_FFN_NORM_BIAS, BL_BY_ONE, BL_BY_DIM,
     0, 0},
    {"pooler.dense", NULL, BL_POOLER, BL_POOLER_BIAS, BL_BY_DIM, BL_BY_DIM,
     BL_HEAD_NONE | BL_HEAD_SEQUENCE, 0},
    {"cls.predictions", NULL, BL_NO_ROLE, BL_OUTPUT_BIAS, BL_BY_ONE, BL_BY_VOCAB,
     BL_HEAD_MASKED | BL_OUTSIDE, 0},
    {"cls.predictions.transform.dense", NULL, BL_HEAD_DENSE, BL_HEAD_DENSE_BIAS, BL_BY_DIM,
     BL_BY_DIM, BL_HEAD_MASKED | BL_OUTSIDE, 0},
    {"cls.predictions.transform.LayerNorm", NULL, BL_HEAD_NORM, BL_HEAD_NORM_BIAS, BL_BY_ONE,
     BL_BY_DIM, BL_HEAD_MASKED | BL_OUTSIDE, 0},
    {"cls.predictions.decoder", NULL, BL_OUTPUT, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM,
     BL_HEAD_MASKED | BL_OUTSIDE | BL_UNTIED, 0},
    {"classifier", NULL, BL_CLASSIFIER, BL_CLASSIFIER_BIAS, BL_BY_LABELS, BL_BY_DIM,
     BL_HEAD_SEQUENCE | BL_HEAD_TOKENS | BL_OUTSIDE, 0},
    {"qa_outputs", NULL, BL_CLASSIFIER, BL_CLASSIFIER_BIAS, BL_BY_LABELS, BL_BY_DIM,
     BL_HEAD_SPANS | BL_OUTSIDE, 0},
    {0},
};

/* The numbers from 0 on, and what only pretraining needed. */
static const char *const ignored[] = {"embeddings.position_ids", "cls.seq_relationship.weight",
                                      "cls.seq_relationship.bias", "cls.predictions.decoder.bias",
                                      NULL};

static const bl_expected_field expected[] = {
    {"is_decoder", false},
    {"add_cross_attention", false},
    {NULL, false},
};

const bl_family bl_family_bert = {
    .name = "bert",
    .prefix = "bert.",
    .may_be_bare = true,
    .old_norms = true,
    .fields = BL_BERT_FIELDS,
    .default_norm_eps = 1e-12,
    .is_tied = true,
    .block = BL_BERT_BLOCK,
    .models = (const bl_model_class[]){{"BertModel", BL_HEAD_NONE},
                                       {"BertForMaskedLM", BL_HEAD_MASKED},
                                       {"BertForSequenceClassification", BL_HEAD_SEQUENCE},
                                       {"BertForTokenClassification", BL_HEAD_TOKENS},
                                       {"BertForQuestionAnswering", BL_HEAD_SPANS},
                                       {NULL, 0}},
    .expected = expected,
    .entries = entries,
    .ignored = ignored,
};
