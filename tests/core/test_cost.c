/* What running a model costs: with clocks that are counted, and with a real one. */
#include <time.h>

#include "check.h"
#include "kernel/kernel.h"
#include "model_files.h"
#include "watch.h"

enum { LAYERS = 2, VOCAB = 320, CONTEXT = 512 }; /* of tiny_llama */

/* A clock that every look at it moves on by a second, and the looks from slow_from to slow_to by
 * five. */
static double fake_now;
static int fake_calls, slow_from, slow_to;

static double fake_clock(void) {
  bool slow = fake_calls >= slow_from && fake_calls < slow_to;
  fake_calls++;
  fake_now += slow ? 5 : 1;
  return fake_now;
}

static void reset_clock(void) {
  fake_now = 1000;
  fake_calls = slow_from = slow_to = 0;
}

/* The time that the processor spent here, which other programs do not add to. */
static double real_clock(void) {
  return (double)clock() / CLOCKS_PER_SEC;
}

static bl_model *load(void) {
  bl_model *model = NULL;
  CHECK_OK(golden_load("tiny_llama", "reference", &model, error));
  if (!model) exit(1);
  return model;
}

static bl_session *make_session(const bl_model *model, bl_clock_fn clock) {
  bl_session_options options = {.n_context = 128, .n_batch = 64, .clock = clock};
  bl_error error;
  bl_session *session = bl_session_new(model, &options, &error);
  if (!session) exit(1);
  return session;
}

static double sum_of(const double seconds[BL_N_WORK]) {
  double sum = 0;
  for (int k = 0; k < BL_N_WORK; k++) sum += seconds[k];
  return sum;
}

static void fill_ids(int32_t *ids, int n) {
  for (int i = 0; i < n; i++) ids[i] = (i * 37 + 5) % VOCAB;
}

/* ---- sessions ---------------------------------------------------------------------------------
 */

static void every_kind_of_work_has_a_name_of_its_own(void) {
  for (bl_work a = 0; a < BL_N_WORK; a++) {
    CHECK(strlen(bl_work_name(a)) > 2);
    for (bl_work b = 0; b < a; b++) CHECK(strcmp(bl_work_name(a), bl_work_name(b)) != 0);
  }
  CHECK(strcmp(bl_work_name(BL_WORK_FFN), "ffn") == 0);
}

/* Each layer has one stretch of attention, one of its feed-forward network and two of projections;
 * a batch has one look at the embedding and, here, one at the output matrix. */
static void time_goes_to_the_kinds_of_work(void) {
  bl_model *model = load();
  bl_session *session = make_session(model, fake_clock);
  int32_t ids[64];
  double t[BL_N_WORK];
  fill_ids(ids, 64);
  reset_clock();
  bl_session_get_times(session, t);
  CHECK(sum_of(t) == 0);
  CHECK_OK(bl_session_eval(session, ids, 64, NULL, NULL, error));
  bl_session_get_times(session, t);
  CHECK(t[BL_WORK_EMBEDDING] == 1 && t[BL_WORK_OUTPUT] == 1);
  CHECK(t[BL_WORK_ATTENTION] == LAYERS && t[BL_WORK_FFN] == LAYERS);
  CHECK(t[BL_WORK_PROJECTIONS] == 2 * LAYERS);
  CHECK(t[BL_WORK_OTHER] > 0);
  /* All but the looks that begin a stretch: one for the layers, one for the logits. */
  CHECK(sum_of(t) == fake_calls - 2);
  int calls = fake_calls;
  CHECK_OK(bl_session_eval(session, ids, 1, NULL, NULL, error));
  bl_session_get_times(session, t);
  CHECK(t[BL_WORK_FFN] == 2 * LAYERS && fake_calls == 2 * calls); /* it adds up */
  bl_session_free(session);
  bl_model_free(model);
}

static void without_a_clock_nothing_is_timed(void) {
  bl_model *model = load();
  bl_session *timed = make_session(model, fake_clock), *plain = make_session(model, NULL);
  int32_t ids[70];
  double t[BL_N_WORK];
  fill_ids(ids, 70);
  reset_clock();
  CHECK_OK(bl_session_eval(plain, ids, 70, NULL, NULL, error));
  bl_session_get_times(plain, t);
  CHECK(sum_of(t) == 0 && fake_calls == 0);
  CHECK_OK(bl_session_eval(timed, ids, 70, NULL, NULL, error));
  CHECK(fake_calls > 0);
  CHECK(memcmp(bl_session_logits(timed), bl_session_logits(plain), VOCAB * sizeof(float)) == 0);
  bl_session_free(timed);
  bl_session_free(plain);
  bl_model_free(model);
}

/* The best of some tries counts: the clock may be coarse, and the machine stop us between two
 * stretches. */
static void the_kinds_make_up_nearly_all_of_the_time(void) {
  bl_model *model = load();
  bl_session *session = make_session(model, real_clock);
  int32_t ids[64];
  double before[BL_N_WORK], after[BL_N_WORK], best = 0;
  fill_ids(ids, 64);
  for (int round = 0; round < 20 && best < 0.98; round++) {
    CHECK_OK(bl_session_truncate(session, 0, error));
    bl_session_get_times(session, before);
    double start = real_clock();
    CHECK_OK(bl_session_eval(session, ids, 64, NULL, NULL, error));
    double whole = real_clock() - start;
    bl_session_get_times(session, after);
    double share = whole > 0 ? (sum_of(after) - sum_of(before)) / whole : 0;
    CHECK_MSG(!(share > 1 + 1e-6), "%f", share);
    best = fmax(best, share);
  }
  CHECK_MSG(best > 0.95, "%f", best);
  bl_session_free(session);
  bl_model_free(model);
}

/* 16 positions more need 16 more in the cache: 2 layers, 2 heads, 32 numbers for a key and as many
 * for a value; and in the work space 16 cosines and sines for half a head, scores for 2 heads of 4
 * tokens, and what a matrix product over such rows works in, to the next 64 bytes. */
static void memory_grows_by_what_a_position_takes(void) {
  bl_model *model = load();
  uint64_t sizes[2];
  for (int i = 0; i < 2; i++) {
    bl_session_options options = {.n_context = 128 + 16 * i, .n_batch = 4};
    bl_error error;
    bl_session *session = bl_session_new(model, &options, &error);
    if (!session) exit(1);
    sizes[i] = bl_session_memory(session);
    bl_session_free(session);
  }
  uint64_t cache = 16 * 2 * 2 * (32 + 32) * 4, rope = 16 * 2 * 16 * 4, scores = 16 * 2 * 4 * 4;
  uint64_t work = bl_matmul_work_bytes(144, 8, 1, BL_ACTIVATIONS_FLOAT) -
                  bl_matmul_work_bytes(128, 8, 1, BL_ACTIVATIONS_FLOAT);
  uint64_t grown = sizes[1] - sizes[0], expected = cache + rope + scores + work;
  CHECK_MSG(grown + 64 > expected && grown < expected + 64, "%d, expected %d", (int)grown,
            (int)expected);
  CHECK(sizes[0] > 8 * cache);
  bl_model_free(model);
}

/* ---- bl_cost_run ------------------------------------------------------------------------------
 */

static void a_cost_has_both_phases_and_what_is_resident(void) {
  bl_model *model = load();
  bl_model_info info;
  bl_model_get_info(model, &info);
  bl_cost_options options = {
      .n_prompt = 20, .n_written = 7, .n_runs = 1, .clock = fake_clock, .kernels = "scalar"};
  bl_cost cost;
  reset_clock();
  CHECK_OK(bl_cost_run(model, &options, NULL, NULL, &cost, error));
  CHECK(cost.n_prompt == 20 && cost.n_written == 7);
  CHECK(cost.prompt_work[BL_WORK_FFN] == LAYERS && cost.prompt_work[BL_WORK_OUTPUT] == 1);
  CHECK(cost.written_work[BL_WORK_FFN] == 7 * LAYERS && cost.written_work[BL_WORK_OUTPUT] == 7);
  CHECK(cost.prompt_seconds > sum_of(cost.prompt_work));
  CHECK(cost.prompt_seconds <= sum_of(cost.prompt_work) + 3); /* looks that begin something */
  CHECK(cost.written_seconds <= sum_of(cost.written_work) + 3 * 7);
  CHECK(cost.model_bytes == info.size_bytes);
  bl_session_options same = {.n_context = 27, .n_batch = 20, .kernels = "scalar"};
  bl_session *session = bl_session_new(model, &same, NULL);
  CHECK(session && cost.session_bytes == bl_session_memory(session));
  bl_session_free(session);
  bl_model_free(model);
}

/* Of three runs one is slow. Whichever it is, the median is not. */
static void the_median_run_counts(void) {
  bl_model *model = load();
  bl_cost_options options = {.n_prompt = 8, .n_written = 4, .n_runs = 1, .clock = fake_clock};
  bl_cost one, cost;
  reset_clock();
  CHECK_OK(bl_cost_run(model, &options, NULL, NULL, &one, error));
  int calls = fake_calls;
  options.n_runs = 3;
  for (int slow = 0; slow < 3; slow++) {
    reset_clock();
    slow_from = slow * calls;
    slow_to = slow_from + calls;
    CHECK_OK(bl_cost_run(model, &options, NULL, NULL, &cost, error));
    CHECK(fake_calls == 3 * calls);
    CHECK(cost.prompt_seconds == one.prompt_seconds);
    CHECK(cost.written_seconds == one.written_seconds);
    CHECK(memcmp(cost.prompt_work, one.prompt_work, sizeof one.prompt_work) == 0);
  }
  reset_clock();
  slow_to = 2 * calls; /* two are slow */
  CHECK_OK(bl_cost_run(model, &options, NULL, NULL, &cost, error));
  CHECK(cost.prompt_seconds > 3 * one.prompt_seconds);
  bl_model_free(model);
}

static void defaults_are_those_of_the_header(void) {
  bl_model *model = load();
  bl_cost_options options = {.clock = real_clock};
  bl_cost cost;
  CHECK_OK(bl_cost_run(model, &options, NULL, NULL, &cost, error));
  CHECK(cost.n_prompt == 128 && cost.n_written == 32);
  CHECK(cost.prompt_seconds > 0 && cost.written_seconds > 0);
  options.n_written = CONTEXT - 40; /* what it leaves */
  options.n_runs = 1;
  CHECK_OK(bl_cost_run(model, &options, NULL, NULL, &cost, error));
  CHECK(cost.n_prompt == 40 && cost.n_written == CONTEXT - 40);
  bl_model_free(model);
}

static void what_cannot_be_run_is_refused(void) {
  bl_model *model = load();
  const bl_cost_options wrong[] = {
      {.n_prompt = 8},
      {.n_prompt = 500, .n_written = 13, .clock = fake_clock},
      {.n_written = CONTEXT, .clock = fake_clock},
      {.n_prompt = -1, .clock = fake_clock},
      {.n_written = INT32_MAX, .clock = fake_clock},
      {.n_written = INT32_MIN, .clock = fake_clock},
      {.n_prompt = INT32_MAX, .n_written = INT32_MAX, .clock = fake_clock},
      {.n_runs = -2, .clock = fake_clock},
      {.kernels = "no such", .clock = fake_clock},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    bl_cost cost;
    bl_error error = {0};
    CHECK_MSG(bl_cost_run(model, &wrong[i], NULL, NULL, &cost, &error) == BL_ERR_ARGUMENT, "%d",
              (int)i);
    CHECK_MSG(error.message[0], "%d", (int)i);
    CHECK(bl_cost_run(model, &wrong[i], NULL, NULL, &cost, NULL) == BL_ERR_ARGUMENT);
  }
  bl_model_free(model);
}

static void threads_change_no_count(void) {
  bl_model *model = load();
  bl_pool *pool = bl_pool_new(3);
  bl_cost_options options = {.n_prompt = 8, .n_written = 4, .clock = fake_clock};
  bl_cost alone, together;
  reset_clock();
  CHECK_OK(bl_cost_run(model, &options, NULL, NULL, &alone, error));
  options.pool = pool;
  CHECK_OK(bl_cost_run(model, &options, NULL, NULL, &together, error));
  CHECK(together.prompt_seconds == alone.prompt_seconds);
  CHECK(memcmp(together.written_work, alone.written_work, sizeof alone.written_work) == 0);
  CHECK(!pool || together.session_bytes > alone.session_bytes);
  bl_pool_free(pool);
  bl_model_free(model);
}

/* Takes time, as drawing a bar does. */
static bool on_progress(void *context, int64_t n_done, int64_t n_total) {
  fake_clock();
  return watch_progress(context, n_done, n_total);
}

static void progress_counts_tokens_takes_no_time_and_can_stop_it(void) {
  bl_model *model = load();
  bl_cost_options options = {.n_prompt = 8, .n_written = 4, .n_runs = 2, .clock = fake_clock};
  bl_cost alone, watched;
  watch w = {0};
  reset_clock();
  CHECK_OK(bl_cost_run(model, &options, NULL, NULL, &alone, error));
  reset_clock();
  CHECK_OK(bl_cost_run(model, &options, on_progress, &w, &watched, error));
  CHECK(w.n_still == 0 && w.total == 2 * (8 + 4) && w.last == w.total && w.n_calls == 2 * (1 + 4));
  CHECK(watched.prompt_seconds == alone.prompt_seconds);
  CHECK(watched.written_seconds == alone.written_seconds);
  for (int at = 1; at <= w.n_calls; at++) {
    watch stop = {.stop_at = at};
    bl_error found = {0};
    CHECK(bl_cost_run(model, &options, on_progress, &stop, &watched, &found) == BL_ERR_CANCELLED);
    CHECK(stop.n_calls == at && found.message[0]);
  }
  bl_model_free(model);
}

int main(void) {
  RUN(every_kind_of_work_has_a_name_of_its_own);
  RUN(time_goes_to_the_kinds_of_work);
  RUN(without_a_clock_nothing_is_timed);
  RUN(the_kinds_make_up_nearly_all_of_the_time);
  RUN(memory_grows_by_what_a_position_takes);
  RUN(a_cost_has_both_phases_and_what_is_resident);
  RUN(the_median_run_counts);
  RUN(defaults_are_those_of_the_header);
  RUN(what_cannot_be_run_is_refused);
  RUN(threads_change_no_count);
  RUN(progress_counts_tokens_takes_no_time_and_can_stop_it);
  return check_result();
}
