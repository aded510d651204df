/* Scoring answers and comparing variants. The intervals and p-values are those of scipy 1.15.3
 * (binomtest, proportion_ci with method 'wilson') and statsmodels 0.14.5 (mcnemar, exact). */
#include <cJSON.h>

#include "check.h"
#include "measure/tasks.h"
#include "model_files.h"

/* ---- the rule ------------------------------------------------------------------------------- */

static bool is_right(const char *text, const char *answer) {
  return bl_task_is_right(text, strlen(text), answer, strlen(answer));
}

static void the_text_up_to_the_newline_must_be_the_answer(void) {
  CHECK(is_right(" in the mill\n\nQ: Where", "in the mill"));
  CHECK(is_right("in the mill", "in the mill"));
  CHECK(is_right(" \t in the mill \r\nmore", "in the mill"));
  CHECK(is_right(" 방앗간\n", "방앗간"));
  CHECK(!is_right("", "in the mill"));
  CHECK(!is_right("\nin the mill", "in the mill"));
  CHECK(!is_right(" in the\n", "in the mill"));
  CHECK(!is_right(" in the mill.\n", "in the mill"));
  CHECK(!is_right(" In the mill\n", "in the mill"));
  CHECK(!is_right(" in  the mill\n", "in the mill"));
  CHECK(!is_right(" in the mill of\n", "in the mill"));
  CHECK(!is_right(" 77\n", "7"));
}

static void an_answer_that_comes_in_pieces_is_judged_as_a_whole(void) {
  static const char *const texts[] = {" on the hill \n", " on the hilltop", " on",
                                      "on the hill\nx"};
  static const char answer[] = "on the hill";
  for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
    for (size_t cut = 0; cut <= strlen(texts[t]); cut++) {
      bl_match match = {answer, strlen(answer), 0, BL_MATCH_OPEN};
      bl_match_push(&match, texts[t], cut);
      bl_match_push(&match, texts[t] + cut, strlen(texts[t]) - cut);
      CHECK((bl_match_end(&match) == BL_MATCH_RIGHT) == is_right(texts[t], answer));
    }
  }
}

static void a_wrong_answer_is_known_at_the_first_wrong_character(void) {
  bl_match match = {"yes", 3, 0, BL_MATCH_OPEN};
  CHECK(bl_match_push(&match, " y", 2) == BL_MATCH_OPEN);
  CHECK(bl_match_push(&match, "o", 1) == BL_MATCH_WRONG);
  CHECK(bl_match_push(&match, "yes\n", 4) == BL_MATCH_WRONG);
  bl_match right = {"yes", 3, 0, BL_MATCH_OPEN};
  CHECK(bl_match_push(&right, " yes", 4) == BL_MATCH_OPEN);
  CHECK(bl_match_push(&right, "\n", 1) == BL_MATCH_RIGHT);
}

/* ---- shares --------------------------------------------------------------------------------- */

static bool near(double a, double b) {
  return fabs(a - b) <= 1e-12 + 1e-9 * fabs(b);
}

static void a_share_has_the_interval_of_wilson(void) {
  static const struct {
    int n_right, n;
    double low, high;
  } rows[] = {
      {81, 263, 0.2552885198782742, 0.36620957698280004},
      {15, 148, 0.06238639953073629, 0.16048724172330803},
      {0, 20, 0.0, 0.16112515805281935},
      {1, 29, 0.006113214292762667, 0.17175521879320282},
      {200, 200, 0.9811546736227335, 1.0},
      {109, 200, 0.47578611372488105, 0.6125178069011651},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    bl_proportion share = bl_proportion_of(rows[i].n_right, rows[i].n);
    CHECK(near(share.value, (double)rows[i].n_right / rows[i].n));
    CHECK_MSG(near(share.low, rows[i].low), "%d of %d: %.17g", rows[i].n_right, rows[i].n,
              share.low);
    CHECK_MSG(near(share.high, rows[i].high), "%d of %d: %.17g", rows[i].n_right, rows[i].n,
              share.high);
  }
  CHECK(bl_proportion_of(0, 20).low == 0 && bl_proportion_of(7, 7).high == 1);
}

static void of_nothing_nothing_is_known(void) {
  bl_proportion share = bl_proportion_of(0, 0);
  CHECK(share.value == 0 && share.low == 0 && share.high == 1);
  bl_paired paired = bl_paired_compare(NULL, NULL, 0);
  CHECK(paired.p == 1 && paired.difference.low == -1 && paired.difference.high == 1);
  CHECK(bl_paired_verdict(&paired) == BL_VERDICT_UNCLEAR);
}

/* ---- pairs ---------------------------------------------------------------------------------- */

/* Two lists of results with these numbers of tasks, in an order that mixes them. */
static bl_paired compare(int both, int gained, int lost, int neither) {
  static bool first[8192], second[8192];
  int n = both + gained + lost + neither;
  for (int i = 0; i < n; i++) {
    int at = (int)((int64_t)i * 4099 % n); /* a prime: every place once, where n is no multiple */
    first[at] = i < both || (i >= both + gained && i < both + gained + lost);
    second[at] = i < both + gained;
  }
  return bl_paired_compare(first, second, n);
}

static void p_is_that_of_the_exact_test_of_mcnemar(void) {
  static const struct {
    int gained, lost;
    double p;
  } rows[] = {
      {0, 6, 0.03125},
      {1, 6, 0.125},
      {3, 12, 0.03515625},
      {5, 5, 1},
      {0, 0, 1},
      {700, 800, 0.01055925546671162},
      {9, 24, 0.013530986849218607},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    bl_paired a = compare(10, rows[i].gained, rows[i].lost, 10);
    bl_paired b = compare(10, rows[i].lost, rows[i].gained, 10);
    CHECK(a.n_gained == rows[i].gained && a.n_lost == rows[i].lost);
    CHECK(a.n == 20 + rows[i].gained + rows[i].lost);
    CHECK_MSG(near(a.p, rows[i].p), "%d, %d: %.17g", rows[i].gained, rows[i].lost, a.p);
    CHECK(a.p == b.p);
  }
}

/* (36, 12, 2, 0) and (1, 1, 7, 12) are in the literature: Newcombe (1998), table II, 0.0569 to
 * 0.3404; Fagerland, Lydersen and Laake (2014), -0.507 to -0.026. All digits, and the others, are
 * from the formulas in Python over scipy's intervals. */
static void the_difference_has_the_interval_of_newcombe(void) {
  static const struct {
    int both, gained, lost, neither;
    double low, high;
  } rows[] = {
      {36, 12, 2, 0, 0.0569295840032388, 0.3404276029749408},
      {1, 1, 7, 12, -0.506920226686141, -0.025559124164859837},
      {2, 12, 0, 36, 0.11440798001046337, 0.37349555990622585},
      {500, 9, 24, 100, -0.042242612379505884, -0.005633656460436044},
      {53, 0, 0, 1, -0.07293814547857702, 0.07293814547857702},
      {30, 0, 0, 0, -0.1135133931739688, 0.1135133931739688},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    int n = rows[i].both + rows[i].gained + rows[i].lost + rows[i].neither;
    bl_proportion d =
        compare(rows[i].both, rows[i].gained, rows[i].lost, rows[i].neither).difference;
    CHECK(near(d.value, (double)(rows[i].gained - rows[i].lost) / n));
    CHECK_MSG(near(d.low, rows[i].low), "row %zu: %.17g", i, d.low);
    CHECK_MSG(near(d.high, rows[i].high), "row %zu: %.17g", i, d.high);
  }
}

static void too_few_tasks_are_not_called_no_difference(void) {
  bl_paired few = compare(20, 2, 3, 5), many = compare(4000, 20, 23, 900);
  bl_paired worse = compare(500, 9, 24, 100), better = compare(500, 24, 9, 100);
  CHECK(bl_paired_verdict(&few) == BL_VERDICT_UNCLEAR);
  CHECK(bl_paired_verdict(&many) == BL_VERDICT_SAME);
  CHECK(bl_paired_verdict(&worse) == BL_VERDICT_WORSE);
  CHECK(bl_paired_verdict(&better) == BL_VERDICT_BETTER);
}

/* ---- running -------------------------------------------------------------------------------- */

/* tiny_llama3 ends its text by itself after this prompt, and mlx_lm wrote down which text it is. */
typedef struct material {
  bl_model *model;
  cJSON *expected;
  bl_task right; /* answered as mlx_lm's model answers */
} material;

static bl_task make_task(const char *id, const char *prompt, const char *answer) {
  return (bl_task){id, prompt, answer, strlen(prompt), strlen(answer)};
}

static material load(void) {
  material m = {0};
  CHECK_OK(golden_load("tiny_llama3", "reference", &m.model, error));
  size_t size;
  uint8_t *text = golden_read("tiny_llama3", "expected.json", &size);
  m.expected = cJSON_ParseWithLength((const char *)text, size);
  free(text);
  m.right = make_task("right", cJSON_GetStringValue(cJSON_GetObjectItem(m.expected, "prompt")),
                      cJSON_GetStringValue(cJSON_GetObjectItem(m.expected, "greedy_text")));
  return m;
}

static void unload(material *m) {
  bl_model_free(m->model);
  cJSON_Delete(m->expected);
}

static void a_model_is_right_where_mlx_lm_writes_the_answer(void) {
  material m = load();
  bl_task shorter = m.right, longer = m.right;
  shorter.answer_size--;
  char *long_answer = calloc(1, m.right.answer_size + 2);
  memcpy(long_answer, m.right.answer, m.right.answer_size);
  long_answer[longer.answer_size++] = 'x';
  longer.answer = long_answer;
  bl_task tasks[] = {shorter, m.right, longer, make_task("other", m.right.prompt, "yes"), m.right};
  bool right[5] = {true, false, true, true, false};
  CHECK_OK(bl_tasks_run(m.model, tasks, 5, NULL, NULL, NULL, right, NULL, error));
  CHECK(!right[0] && right[1] && !right[2] && !right[3] && right[4]);
  free(long_answer);
  unload(&m);
}

enum { N_TASKS = 40 };

static bool count_up(void *context, int64_t n_done, int64_t n_total) {
  int *last = context;
  CHECK(n_done >= 1 && n_done <= N_TASKS && n_total == N_TASKS);
  *last = (int)n_done;
  return true;
}

static void threads_change_nothing(void) {
  material m = load();
  bl_task tasks[N_TASKS];
  for (int i = 0; i < N_TASKS; i++)
    tasks[i] = i % 3 == 1 ? m.right : make_task("other", i % 3 ? "hill boat:" : "in", "had");
  bl_pool *pool = bl_pool_new(3);
  bool alone[N_TASKS], together[N_TASKS];
  int last = 0;
  CHECK_OK(bl_tasks_run(m.model, tasks, N_TASKS, NULL, count_up, &last, alone, NULL, error));
  CHECK(last == N_TASKS);
  CHECK_OK(bl_tasks_run(m.model, tasks, N_TASKS, pool, count_up, &last, together, NULL, error));
  for (int i = 0; i < N_TASKS; i++) {
    CHECK(alone[i] == together[i]);
    CHECK(alone[i] || i % 3 != 1);
  }
  bl_pool_free(pool);
  unload(&m);
}

static bool stop_at_two(void *context, int64_t n_done, int64_t n_total) {
  int *last = context;
  *last = (int)n_done;
  return n_done < 2 && n_total == 4;
}

static void a_callback_can_stop_it(void) {
  material m = load();
  bl_task tasks[] = {m.right, m.right, m.right, m.right};
  bool right[4];
  int last = 0;
  bl_error error = {0};
  CHECK(bl_tasks_run(m.model, tasks, 4, NULL, stop_at_two, &last, right, NULL, &error) ==
        BL_ERR_CANCELLED);
  CHECK(last == 2);
  unload(&m);
}

static void a_task_that_does_not_fit_the_context_is_named(void) {
  material m = load();
  bl_model_info info;
  bl_model_get_info(m.model, &info);
  size_t size = 8 * (size_t)info.max_context;
  char *prompt = malloc(size);
  for (size_t i = 0; i < size; i++) prompt[i] = "1 2 x y "[i % 8];
  bl_task tasks[] = {m.right, {"long-7", prompt, "yes", size, 3}};
  bool right[2];
  bl_error error = {0};
  CHECK(bl_tasks_run(m.model, tasks, 2, NULL, NULL, NULL, right, NULL, &error) == BL_ERR_ARGUMENT);
  CHECK_MSG(strstr(error.message, "task long-7: its prompt is "), "%s", error.message);
  CHECK(bl_tasks_run(m.model, tasks, 0, NULL, NULL, NULL, right, NULL, &error) == BL_ERR_ARGUMENT);
  free(prompt);
  unload(&m);
}

int main(void) {
  RUN(the_text_up_to_the_newline_must_be_the_answer);
  RUN(an_answer_that_comes_in_pieces_is_judged_as_a_whole);
  RUN(a_wrong_answer_is_known_at_the_first_wrong_character);
  RUN(a_share_has_the_interval_of_wilson);
  RUN(of_nothing_nothing_is_known);
  RUN(p_is_that_of_the_exact_test_of_mcnemar);
  RUN(the_difference_has_the_interval_of_newcombe);
  RUN(too_few_tasks_are_not_called_no_difference);
  RUN(a_model_is_right_where_mlx_lm_writes_the_answer);
  RUN(threads_change_nothing);
  RUN(a_callback_can_stop_it);
  RUN(a_task_that_does_not_fit_the_context_is_named);
  return check_result();
}
