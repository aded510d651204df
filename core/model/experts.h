/* Feed-forward blocks of several experts, of which a router chooses some for each token. */
#ifndef BL_MODEL_EXPERTS_H
#define BL_MODEL_EXPERTS_H

struct bl_session;

/* session->h (n_tokens, dim) = what the chosen experts of a layer make of x (n_tokens, dim), which
 * may be session->h: the sum of their outputs, each times its share. The router's products become
 * probabilities, of which the largest n_used_experts count, as in transformers 5.24
 * (Qwen3MoeSparseMoeBlock, MixtralSparseMoeBlock). */
void bl_experts(struct bl_session *session, int layer, const float *x, int n_tokens);

#endif
