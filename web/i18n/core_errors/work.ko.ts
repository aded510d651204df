/** What can be wrong with a recipe, a prompt, a text or a request, in Korean, by the core's own sentence: index.ts says how. */
export const work: Readonly<Record<string, string>> = {
  "% is '%', expected %": "{1}: 값이 '{2}'입니다. 있어야 할 값은 {3}입니다.",
  '% is in two parts of the model: % and %': '{1}: 모델의 두 부분 {2}, {3} 모두에 들어 있습니다.',
  '% matches no matrix of this model': '{1}: 이 모델에는 이름이 맞는 행렬이 없습니다.',
  '% tokens do not fit: the context holds %, of which % are taken':
    '토큰 {1}개가 들어갈 자리가 없습니다. 컨텍스트 {2}개 가운데 {3}개가 차 있습니다.',
  "% tokens of a prompt and % after it do not fit: the model's context is %":
    '프롬프트 토큰 {1}개와 이어 쓸 {2}개가 들어가지 않습니다. 모델의 컨텍스트는 {3}개입니다.',
  '% tokens of a prompt, % written after it and % runs were asked for in a context of %: expected at least 1 of each':
    '컨텍스트 {4}개에서 프롬프트 토큰 {1}개, 이어 쓸 토큰 {2}개, 반복 {3}번을 요청했습니다. 저마다 1 이상이어야 합니다.',
  "'%' follows a '/', expected PATTERN=FORMAT such as lm_head=reference":
    "'/' 뒤에 '{1}' 부분이 있습니다. lm_head=reference처럼 '패턴=형식'을 써야 합니다.",
  "'%' follows a pattern's format, expected it before the first '/': it is for the whole model":
    "패턴의 형식 뒤에 '{1}' 부분이 있습니다. 모델 전체에 적용되므로 첫 '/' 앞에 써야 합니다.",
  "'%' has no integer activations": "'{1}': 정수 활성화 값을 쓸 수 없는 형식입니다.",
  "'%' has no settings, expected nothing after it":
    "'{1}': 설정이 없는 형식이므로 뒤에 아무것도 쓰지 않아야 합니다.",
  "'%' is a mixture of formats, expected a single format after a pattern":
    "'{1}': 여러 형식의 혼합입니다. 패턴 뒤에는 형식 하나만 쓸 수 있습니다.",
  "'%' is not a size, expected a number of parameters such as 135M, 1.5B, 70B or 8x7B":
    "'{1}': 크기가 아닙니다. 135M, 1.5B, 70B, 8x7B처럼 매개변수의 수를 써야 합니다.",
  "The model's files have no tokenizer: expected a tokenizer.json beside them":
    '모델 파일에 토크나이저가 없습니다. 함께 tokenizer.json이 있어야 합니다.',
  'a chunk of the text has % tokens, expected % to %':
    '글의 한 조각이 토큰 {1}개입니다. {2}~{3}개여야 합니다.',
  'a mixture of % formats for % parts of a model, expected 1 to % formats and at least 1 part':
    '모델의 부분 {2}개에 형식 {1}개를 섞으려고 합니다. 형식은 1~{3}개, 부분은 하나 이상이어야 합니다.',
  "a pattern is empty, expected a part of tensors' names such as v_proj or layers.0":
    '패턴이 비어 있습니다. v_proj나 layers.0처럼 텐서 이름의 일부를 써야 합니다.',
  'a target of % bits per weight, expected more than 0 and at most 64':
    '목표가 가중치당 {1}비트입니다. 0보다 크고 64를 넘지 않아야 합니다.',
  "activation mode is '%', expected int8, static, static:minmax or float":
    "활성화 방식이 '{1}'입니다. int8, static, static:minmax, float 가운데 하나여야 합니다.",
  'bitloss can convert the model, but not run it':
    '이 모델은 변환할 수는 있지만 실행할 수는 없습니다.',
  'cannot go back to position %: the session is at %':
    '{1}번째 위치로 돌아갈 수 없습니다. 지금 위치는 {2}입니다.',
  'cast: expected f32, f16 or bf16': 'cast는 f32, f16, bf16 가운데 하나여야 합니다.',
  'choice % adds no token to the prompt, expected some text':
    '선택지 {1}: 프롬프트에 더하는 토큰이 없습니다. 글이 있어야 합니다.',
  'document % of the text ends at token %, expected % to %':
    '글의 문서 {1}: {2}번째 토큰에서 끝납니다. {3}~{4} 사이여야 합니다.',
  'dtype: expected f32, f16 or bf16': 'dtype은 f32, f16, bf16 가운데 하나여야 합니다.',
  'expected a single format such as affine:4:64, for one part of the model at a time':
    '모델의 한 부분씩 바꿔 보려면 affine:4:64처럼 형식 하나만 써야 합니다.',
  "field '%' is %, expected a multiple of % (%)":
    "'{1}' 필드의 값이 {2}입니다. {3}({4})의 배수여야 합니다.",
  "field '%' is missing, expected a whole number from 1 to %":
    "'{1}' 필드가 없습니다. 1~{2} 사이의 정수가 있어야 합니다.",
  "field '%' names modules, expected none: every matrix in the layers is quantized":
    "'{1}' 필드에 모듈 이름이 있습니다. 층의 모든 행렬이 양자화되므로 비어 있어야 합니다.",
  "field 'architectures' is '%', expected %":
    "'architectures' 필드의 값이 '{1}'입니다. 있어야 할 값은 {2}입니다.",
  "field 'group_size' is %, expected %":
    "'group_size' 필드의 값이 {1}입니다. 있어야 할 값은 {2}입니다.",
  "field 'model_type' is missing": "'model_type' 필드가 없습니다.",
  "field 'quant_type' is '%', expected Int8WeightOnlyConfig or Int4WeightOnlyConfig":
    "'quant_type' 필드의 값이 '{1}'입니다. Int8WeightOnlyConfig나 Int4WeightOnlyConfig여야 합니다.",
  "field 'torch_dtype' is '%', expected float32, float16 or bfloat16":
    "'torch_dtype' 필드의 값이 '{1}'입니다. float32, float16, bfloat16 가운데 하나여야 합니다.",
  "format '%' can be read but not written": "'{1}' 형식은 읽을 수만 있고 쓸 수는 없습니다.",
  "format is '%', expected %": "'{1}' 형식은 없습니다. 쓸 수 있는 형식: {2}.",
  "format is '%', perhaps % was meant": "'{1}' 형식은 없습니다. 비슷한 형식: {2}.",
  "its % is % tokens long, the model's context holds %":
    '{1} 토큰이 {2}개입니다. 모델의 컨텍스트는 {3}개입니다.',
  "its prompt and choice % are % tokens long, the model's context holds %":
    '프롬프트와 선택지 {1}의 토큰이 모두 {2}개입니다. 모델의 컨텍스트는 {3}개입니다.',
  'max_tokens is %, expected at least 0': 'max_tokens의 값이 {1}입니다. 0 이상이어야 합니다.',
  "method '%' is in the full module": "'{1}' 방법은 전체 모듈에 있습니다.",
  "method is '%', perhaps % was meant": "'{1}' 방법은 없습니다. 비슷한 방법: {2}.",
  "method is '%', the methods are %": "'{1}' 방법은 없습니다. 쓸 수 있는 방법: {2}.",
  "method '%' follows '%', expected one of the two: they do the same step":
    "'{2}' 뒤에 '{1}' 방법이 있습니다. 둘은 같은 단계를 맡으므로 하나만 써야 합니다.",
  "method '%' follows '%', expected +%+%":
    "'{2}' 뒤에 '{1}' 방법이 있습니다. 순서는 +{3}+{4}여야 합니다.",
  "'%' takes no methods, expected nothing after a '+': they choose codes on a grid of its group's own":
    "'{1}' 형식에는 방법을 쓸 수 없습니다. 방법은 그룹마다 격자가 따로 있는 형식의 코드를 고릅니다.",
  "'+%' stands beside other methods, expected it alone: it is a chain of them":
    "'+{1}' 옆에 다른 방법이 있습니다. 여러 방법을 묶은 이름이므로 혼자 써야 합니다.",
  "'%' goes by what matrices are multiplied with, which is not gathered for experts, each of which sees other tokens":
    "'{1}': 행렬에 곱해지는 입력을 봐야 합니다. 전문가(expert)마다 보는 토큰이 달라 이 모델에서는 모으지 않습니다.",
  "'%' goes by what matrices are multiplied with on a text, and none was given: it is named with --calibrate":
    "'{1}': 글을 읽을 때 행렬에 곱해지는 입력을 봐야 하는데, 글이 없습니다. --calibrate로 글을 주세요.",
  "'@static' goes by the range of what matrices are multiplied with, which an importance matrix does not tell: --calibrate takes a text":
    "'@static': 행렬에 곱해지는 입력의 범위를 봐야 하는데, 중요도 행렬에는 범위가 없습니다. --calibrate로 글을 주세요.",
  'static activations are not available yet': "아직 '@static'을 쓸 수 없습니다.",
  "'%' has no static activations, only int8 and qint8 have them":
    "'{1}' 형식에는 '@static'을 쓸 수 없습니다. int8과 qint8에만 쓸 수 있습니다.",
  "nothing was gathered of what '%' is multiplied with, which '@static' goes by":
    "'{1}' 행렬에 곱해지는 입력을 모으지 않아 '@static'을 쓸 수 없습니다.",
  "nothing was gathered of what '%' is multiplied with, which a method goes by":
    "'{1}' 행렬에 곱해지는 입력을 모으지 않아, 그 입력을 보는 방법을 쓸 수 없습니다.",
  "the statistics are of another model, or less than '%' needs":
    "모은 통계가 다른 모델의 것이거나 '{1}'에 모자랍니다.",
  "the statistics of a matrix's input are not finite, so that no method can go by them":
    '행렬에 곱해지는 입력의 통계가 유한한 수가 아니어서 쓸 수 없습니다.',
  'min_p is %, expected 0 to 1': 'min_p의 값이 {1}입니다. 0~1 사이여야 합니다.',
  'model % has a vocabulary of % tokens, expected % as in the reference':
    '모델 {1}의 어휘가 토큰 {2}개입니다. 기준 모델처럼 {3}개여야 합니다.',
  "model % has another vocabulary than the reference: token % is '%', expected '%'":
    "모델 {1}의 어휘가 기준 모델과 다릅니다. 토큰 {2}번이 '{3}'입니다. 있어야 할 토큰: '{4}'.",
  'more patterns than the % possible': '패턴이 너무 많습니다. {1}개까지 쓸 수 있습니다.',
  'no document of the text has 2 tokens, of which the second could be predicted':
    '글의 어느 문서에도 토큰이 2개 이상 없습니다. 두 번째 토큰부터 예측할 수 있습니다.',
  "a model with experts can't be calibrated: each of them sees other tokens":
    '전문가(expert)가 있는 모델은 보정할 수 없습니다. 전문가마다 보는 토큰이 다릅니다.',
  "the model's activations are not finite on the calibration text: nothing can be chosen by them":
    '보정용 글에서 모델의 활성화 값에 유한하지 않은 수가 나옵니다. 이것으로는 아무것도 고를 수 없습니다.',
  '% has a NUL at byte %, expected text in UTF-8':
    '{1}의 {2}번째 바이트에 NUL이 있습니다. UTF-8로 된 글이어야 합니다.',
  '% is empty, expected a text to calibrate on':
    '{1}: 비어 있습니다. 보정에 쓸 글이 있어야 합니다.',
  "fields 'text' and 'prompt' are missing, expected one of them":
    "'text' 필드도 'prompt' 필드도 없습니다. 둘 중 하나가 있어야 합니다.",
  "the codes are of another model or recipe: % bytes, which end within '%'":
    "코드가 다른 모델이나 다른 레시피의 것입니다. 모두 {1}바이트로, '{2}' 안에서 끝납니다.",
  'the calibration text has no tokens': '보정에 쓸 글에 토큰이 없습니다.',
  'out of memory: a model with % layers of width % has too many statistics; a method that needs no calibration text works in less':
    '메모리가 모자랍니다. 층이 {1}개이고 폭이 {2}인 모델의 통계가 너무 큽니다. 글이 필요 없는 방법은 메모리를 덜 씁니다.',
  'out of memory: a context of % tokens needs % MB; ask for a shorter one':
    '메모리가 모자랍니다. 컨텍스트 {1}토큰에는 {2}MB가 필요합니다. 더 짧게 요청하세요.',
  "pattern '%' has % characters, expected at most %":
    "패턴 '{1}'의 길이가 {2}자입니다. {3}자까지 쓸 수 있습니다.",
  "% has one scale for all rows of a matrix, which experts, whose matrices lie below one another, can't be given":
    '{1} 형식은 행렬 전체에 스케일이 하나입니다. 전문가(expert)의 행렬은 하나로 쌓여 있어 이 형식을 쓸 수 없습니다.',
  "pattern '%' matches no matrix of this model, perhaps % was meant":
    "패턴 '{1}'에 맞는 행렬이 이 모델에 없습니다. 비슷한 이름: {2}.",
  "pattern '%' matches no matrix of this model, which has %, and layers.0 to layers.%":
    "패턴 '{1}'에 맞는 행렬이 이 모델에 없습니다. 이 모델에는 {2}, 그리고 layers.0부터 layers.{3}까지 있습니다.",
  "pattern is '%', expected letters, digits, '_', '-', '.' and '*' only":
    "패턴이 '{1}'입니다. 영문자, 숫자, '_', '-', '.', '*'만 쓸 수 있습니다.",
  "prompt % is % tokens long, the model's context holds %":
    '프롬프트 {1}: 토큰이 {2}개입니다. 모델의 컨텍스트는 {3}개입니다.',
  'prompt % is empty, and this model has no token to begin a text with':
    '프롬프트 {1}: 비어 있습니다. 이 모델에는 글을 시작하는 토큰이 없습니다.',
  'rows % to % do not exist: % has %': '{1}~{2}번 행은 없습니다. {3}의 행은 {4}개입니다.',
  stopped: '멈췄습니다.',
  'stopped after % of % parts of the model': '모델의 부분 {2}개 가운데 {1}개까지 하고 멈췄습니다.',
  'stopped after % of % tokens': '토큰 {2}개 가운데 {1}개까지 하고 멈췄습니다.',
  'stopped after % of % weights': '가중치 {2}개 가운데 {1}개까지 하고 멈췄습니다.',
  'stopped at position %': '{1}번째 위치에서 멈췄습니다.',
  'temperature is %, expected 0 to 1000000':
    'temperature의 값이 {1}입니다. 0~1000000 사이여야 합니다.',
  'tensor % does not exist: the model has %': '{1}번 텐서는 없습니다. 모델의 텐서는 {2}개입니다.',
  'tensor % is % (%, %) in one model and % (%, %) in the other: expected two versions of one model':
    '{1}번 텐서가 한 모델에서는 {2} ({3}, {4}), 다른 모델에서는 {5} ({6}, {7})입니다. 한 모델의 두 판이어야 합니다.',
  'the answer is choice % of %, expected one of at least 2':
    '정답이 선택지 {2}개 가운데 {1}번입니다. 선택지는 2개 이상이어야 하고, 정답은 그 안에 있어야 합니다.',
  'the batch is % tokens, expected 1 to %': '배치가 토큰 {1}개입니다. 1~{2}개여야 합니다.',
  'the batch is % tokens, expected at least 1': '배치가 토큰 {1}개입니다. 1개 이상이어야 합니다.',
  'the config takes % bytes, % are there': '설정에 {1}바이트가 필요한데 {2}바이트가 있습니다.',
  'the context is % tokens, expected 1 to %': '컨텍스트가 토큰 {1}개입니다. 1~{2}개여야 합니다.',
  "the context is % tokens, expected 1 to %, the model's limit":
    '컨텍스트가 토큰 {1}개입니다. 모델의 한계에 따라 1~{2}개여야 합니다.',
  'the cost of a model cannot be measured without a clock':
    '시계가 없으면 모델의 비용을 잴 수 없습니다.',
  'the divergence of % is not a finite number': '{1}의 발산이 유한한 수가 아닙니다.',
  'the first token of a chunk that is predicted is %, expected 1 to %':
    '한 조각에서 처음 예측하는 토큰이 {1}번입니다. 1~{2}번이어야 합니다.',
  'the format that was measured changes no weight, so that nothing follows':
    '측정한 형식이 바꾸는 가중치가 없어서 알 수 있는 것이 없습니다.',
  'the model gives no token any probability': '모델이 어떤 토큰에도 확률을 주지 않습니다.',
  'the model has more than 10^17 parameters, expected one that can exist':
    '모델의 매개변수가 10^17개를 넘습니다. 있을 수 있는 모델이어야 합니다.',
  'the model has no tokenizer, so it cannot read prompts: expected a tokenizer.json beside its weights':
    '모델에 토크나이저가 없어 프롬프트를 읽을 수 없습니다. 가중치와 함께 tokenizer.json이 있어야 합니다.',
  'the model has no tokenizer, so it cannot read tasks: expected a tokenizer.json beside its weights':
    '모델에 토크나이저가 없어 문제를 읽을 수 없습니다. 가중치와 함께 tokenizer.json이 있어야 합니다.',
  'the model has no tokenizer, so it cannot read text: expected a tokenizer.json beside its weights':
    '모델에 토크나이저가 없어 글을 읽을 수 없습니다. 가중치와 함께 tokenizer.json이 있어야 합니다.',
  "the model's logit for class % is not a number: its weights are damaged":
    '모델이 낸 {1}번 클래스의 로짓이 수가 아닙니다. 가중치가 손상되었습니다.',
  "the model's state for the text is not a number: its weights are damaged":
    '글에 대한 모델의 상태가 수가 아닙니다. 가중치가 손상되었습니다.',
  "the model's logit for token % is not a number: its weights are damaged":
    '토큰 {1}번의 로짓이 수가 아닙니다. 모델의 가중치가 손상되었습니다.',
  "the models' vocabularies differ: the reference has % tokens, the variant %":
    '모델의 어휘가 서로 다릅니다. 기준 모델은 토큰 {1}개, 비교 모델은 {2}개입니다.',
  'the prompt is % tokens long, the context holds %':
    '프롬프트가 토큰 {1}개입니다. 컨텍스트는 {2}개입니다.',
  'the prompt is empty, and this model has no token to begin a text with':
    '프롬프트가 비어 있습니다. 이 모델에는 글을 시작하는 토큰이 없습니다.',
  "the reference's logits are not numbers": '기준 모델의 로짓이 수가 아닙니다.',
  "the reference's logits are not numbers, so it writes no text to compare with":
    '기준 모델의 로짓이 수가 아니어서 비교할 글을 쓰지 못합니다.',
  "the rows of % have % weights, expected a multiple of %'s %":
    '{1}의 행의 길이가 {2}입니다. {3}에서는 {4}의 배수여야 합니다.',
  'the session was used for something else while a text was being written':
    '글을 쓰는 동안 세션이 다른 일에 쓰였습니다.',
  'the size asked for is % bytes, but the smallest of the formats need %':
    '요청한 크기가 {1}바이트인데, 가장 작은 형식에도 {2}바이트가 필요합니다.',
  'the size is % parameters, expected 1M to 10T':
    '크기가 매개변수 {1}개입니다. 1M~10T 사이여야 합니다.',
  'the text has % tokens, expected % to %': '글이 토큰 {1}개입니다. {2}~{3}개여야 합니다.',
  'the token that the tokenizer puts before a text has id %, expected 0 to %':
    '토크나이저가 글 앞에 붙이는 토큰의 id가 {1}입니다. 0~{2} 사이여야 합니다.',
  'there are % models, expected at least 1': '모델이 {1}개입니다. 하나 이상이어야 합니다.',
  'there are % prompts and % tokens to write, expected at least 1 of each':
    '프롬프트가 {1}개, 쓸 토큰이 {2}개입니다. 저마다 하나 이상이어야 합니다.',
  'there are % tasks, expected at least 1': '문제가 {1}개입니다. 하나 이상이어야 합니다.',
  "there are no kernels '%' on this machine": "이 기기에는 '{1}' 커널이 없습니다.",
  'these parts of the model need a recipe with % rules, but there can be %':
    '모델의 이 부분들에는 규칙이 {1}개인 레시피가 필요한데, {2}개까지 쓸 수 있습니다.',
  'token % has id %, expected 0 to %': '{1}번째 토큰의 id가 {2}입니다. 0~{3} 사이여야 합니다.',
  'token % of the text has id %, expected 0 to %':
    '글의 {1}번째 토큰의 id가 {2}입니다. 0~{3} 사이여야 합니다.',
  'top_k is %, expected at least 0': 'top_k의 값이 {1}입니다. 0 이상이어야 합니다.',
  'top_p is %, expected 0 to 1': 'top_p의 값이 {1}입니다. 0~1 사이여야 합니다.',
  "the models' layers can't be compared: the reference has %, % wide, the variant %, % wide":
    '모델의 층을 비교할 수 없습니다. 기준 모델은 층 {1}개에 폭 {2}, 비교 모델은 층 {3}개에 폭 {4}입니다.',
  "the reference's hidden states are not numbers, so there is nothing to compare with":
    '기준 모델의 은닉 상태가 수가 아니어서 비교할 대상이 없습니다.',
};
