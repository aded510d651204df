/** What can be wrong with a model's files, or with files to be written, in Korean, by the core's own sentence: index.ts says how. */
export const files: Readonly<Record<string, string>> = {
  "% '%' is there twice, expected once": "{1} '{2}': 두 번 나옵니다. 한 번만 있어야 합니다.",
  '% begins before % has ended': '{2} 파일이 끝나기 전에 {1} 파일이 시작됩니다.',
  '% bytes at offset % of the data do not fit; the data starts at byte % and the file ends at %':
    '데이터의 {2}번째 바이트부터 {1}바이트가 들어갈 자리가 없습니다. 데이터는 {3}번째 바이트에서 시작하고 파일은 {4}번째 바이트에서 끝납니다.',
  '% bytes were given of a file of %': '{2}바이트 파일 가운데 {1}바이트만 받았습니다.',
  '% has not ended': '{1}: 파일이 끝나지 않았습니다.',
  '% has type %, expected 0 to %': '{1}: 형식 번호가 {2}입니다. 0~{3}이어야 합니다.',
  '% is %, expected %': '{1}: 값이 {2}입니다. 있어야 할 값은 {3}입니다.',
  '% is %, expected 0 or 1 for a bool': '{1}: bool 값이 {2}입니다. 0이나 1이어야 합니다.',
  '% is an array of type %, expected numbers, bools or strings':
    '{1}: 형식 번호 {2}의 배열입니다. 수, bool, 문자열의 배열이어야 합니다.',
  '% is missing': '{1}: 없습니다.',
  '% is missing: the model is split into % files':
    '{1}: 없습니다. 모델이 파일 {2}개로 나뉘어 있습니다.',
  '% needs % bytes at byte %, expected a header of at most %':
    '{1}: {3}번째 바이트에서 {2}바이트가 필요합니다. 헤더는 {4}바이트를 넘을 수 없습니다.',
  "'__metadata__' is there twice, expected once":
    "'__metadata__': 두 번 나옵니다. 한 번만 있어야 합니다.",
  "GGUF has no words for what the model does, so it can't be written as such a file; an MLX directory keeps its config.json":
    'GGUF로는 이 모델의 동작을 나타낼 수 없어 그 파일로 쓸 수 없습니다. MLX 폴더에는 config.json이 그대로 남습니다.',
  "a GGUF file is a whole model; it can't be joined with another file":
    'GGUF 파일은 그 자체로 모델 하나입니다. 다른 파일과 합칠 수 없습니다.',
  'a file ended before one began': '시작하지도 않은 파일이 끝났습니다.',
  'a file of % bytes is neither safetensors nor GGUF, whose headers are longer':
    '{1}바이트 파일입니다. safetensors나 GGUF의 헤더보다 짧습니다.',
  'bytes were pushed before a file began': '파일이 시작되기 전에 바이트가 들어왔습니다.',
  'config.json is missing: it must lie beside a safetensors file':
    'config.json이 없습니다. safetensors 파일과 같은 곳에 있어야 합니다.',
  'the file ends within its header': '헤더가 끝나기 전에 파일이 끝났습니다.',
  "the importance of '%' is of % columns, expected %, as many as the matrix has":
    "'{1}'의 중요도가 {2}열입니다. 행렬과 같이 {3}열이어야 합니다.",
  "none of the model's matrices is in the file: it is of another model":
    '모델의 행렬이 이 파일에 하나도 없습니다. 다른 모델의 파일입니다.',
  "the importance of '%' is of % vectors, expected 0 to 2^53":
    "'{1}'의 중요도가 벡터 {2}개의 것이라고 되어 있습니다. 0개에서 2^53개여야 합니다.",
  "the importance of '%' has the number % in column %, expected none below 0 and all finite":
    "'{1}'의 중요도에서 {3}번째 열의 수가 {2}입니다. 모두 유한하고 0 이상이어야 합니다.",
  "tensor '%' has no counts of its own, expected f32 tensors in pairs as llama.cpp's imatrix writes them":
    "'{1}' 텐서에 딸린 counts 텐서가 없습니다. llama.cpp의 imatrix가 쓰는 대로 f32 텐서가 짝을 이루어야 합니다.",
  "no tensor is an importance, expected a file of llama.cpp's imatrix":
    '중요도를 담은 텐서가 없습니다. llama.cpp의 imatrix가 쓴 파일이어야 합니다.',
  "no file of llama.cpp's imatrix, or cut off: an entry goes beyond the end":
    'llama.cpp의 imatrix 파일이 아니거나 잘렸습니다. 항목 하나가 파일의 끝을 넘습니다.',
  'ended after % of % bytes': '{2}바이트 가운데 {1}바이트에서 끝났습니다.',
  "field '%' is %, expected %": "'{1}' 필드의 값이 {2}입니다. 있어야 할 값은 {3}입니다.",
  "field '%' is %, expected % to %": "'{1}' 필드의 값이 {2}입니다. {3}~{4} 사이여야 합니다.",
  "field '%' is %, expected a divisor of % (%)":
    "'{1}' 필드의 값이 {2}입니다. {3}({4})의 약수여야 합니다.",
  "field '%' is %, expected a number": "'{1}' 필드의 값이 {2}입니다. 수여야 합니다.",
  "field '%' is %, expected a string": "'{1}' 필드의 값이 {2}입니다. 문자열이어야 합니다.",
  "field '%' is %, expected a whole number": "'{1}' 필드의 값이 {2}입니다. 정수여야 합니다.",
  "field '%' is %, expected a whole number from % to %":
    "'{1}' 필드의 값이 {2}입니다. {3}~{4} 사이의 정수여야 합니다.",
  "field '%' is %, expected an even number": "'{1}' 필드의 값이 {2}입니다. 짝수여야 합니다.",
  "field '%' is %, expected true or false": "'{1}' 필드의 값이 {2}입니다. true나 false여야 합니다.",
  "field '%' is missing, expected % to %":
    "'{1}' 필드가 없습니다. {2}~{3} 사이의 값이 있어야 합니다.",
  "field '%' is missing, expected dtype, shape and data_offsets":
    "'{1}' 필드가 없습니다. dtype, shape, data_offsets가 있어야 합니다.",
  "field '%' is not an object": "'{1}' 필드가 객체가 아닙니다.",
  "field '%' is there twice, expected once": "'{1}' 필드가 두 번 나옵니다. 한 번만 있어야 합니다.",
  "field '_type' is '%', expected Int8Tensor or Int4Tensor":
    "'_type' 필드의 값이 '{1}'입니다. Int8Tensor나 Int4Tensor여야 합니다.",
  "field 'act_quant_kwargs' asks for quantized activations, expected null":
    "'act_quant_kwargs' 필드가 양자화된 활성화 값을 요구합니다. null이어야 합니다.",
  "field 'bits' is %, expected %": "'bits' 필드의 값이 {1}입니다. 있어야 할 값은 {2}입니다.",
  "field 'block_size' is [1, %], expected %":
    "'block_size' 필드의 값이 [1, {1}]입니다. 있어야 할 값은 {2}입니다.",
  "field 'block_size' is [1, %], expected [1, %]: one scale for a row":
    "'block_size' 필드의 값이 [1, {1}]입니다. 행마다 스케일 하나이므로 [1, {2}]여야 합니다.",
  "field 'block_size' is not [1, n]: expected scales for parts of rows":
    "'block_size' 필드가 [1, n]이 아닙니다. 행의 일부마다 스케일이 있어야 합니다.",
  "field 'bnb_4bit_quant_storage' is '%', expected uint8":
    "'bnb_4bit_quant_storage' 필드의 값이 '{1}'입니다. uint8이어야 합니다.",
  "field 'bnb_4bit_quant_type' is '%', expected nf4":
    "'bnb_4bit_quant_type' 필드의 값이 '{1}'입니다. nf4여야 합니다.",
  "field 'data_offsets' is [%, %], expected a range within the % bytes after the header":
    "'data_offsets' 필드의 값이 [{1}, {2}]입니다. 헤더 뒤의 {3}바이트 안이어야 합니다.",
  "field 'data_offsets' spans % bytes, expected % for its shape and dtype":
    "'data_offsets' 필드의 범위가 {1}바이트입니다. shape와 dtype에 따르면 {2}바이트여야 합니다.",
  "field 'dtype' is '%', expected a type that safetensors has, such as BF16":
    "'dtype' 필드의 값이 '{1}'입니다. BF16처럼 safetensors에 있는 형식이어야 합니다.",
  "field 'dtype' is '%', expected float32, float16 or bfloat16":
    "'dtype' 필드의 값이 '{1}'입니다. float32, float16, bfloat16 가운데 하나여야 합니다.",
  "'%' is a family of models that only the full module may know":
    "'{1}'은(는) 전체 모듈만 알 수 있는 모델 계열입니다.",
  "field 'pad_token_id' is %, expected %: positions begin behind it":
    "'pad_token_id' 필드의 값이 {1}입니다. {2}이어야 합니다. 위치가 그 다음부터 시작합니다.",
  "field 'problem_type' is '%', expected single_label_classification":
    "'problem_type' 필드의 값이 '{1}'입니다. single_label_classification이어야 합니다.",
  "field 'position_embedding_type' is '%', expected absolute":
    "'position_embedding_type' 필드의 값이 '{1}'입니다. absolute여야 합니다.",
  "field 'decoder_sparse_step' is %, expected 1: all layers have experts":
    "'decoder_sparse_step' 필드의 값이 {1}입니다. 모든 층에 전문가(expert)가 있도록 1이어야 합니다.",
  "field 'mlp_only_layers' is not a list": "'mlp_only_layers' 필드의 값이 목록이 아닙니다.",
  "field 'mlp_only_layers' names % layers, expected none: all have experts":
    "'mlp_only_layers' 필드에 층이 {1}개 있습니다. 모든 층에 전문가(expert)가 있도록 비어 있어야 합니다.",
  "field '%' is %, expected at most % (%)":
    "'{1}' 필드의 값이 {2}입니다. {3}({4}) 이하여야 합니다.",
  "field '%' is false, but llama.cpp takes it to be true, so the model can't be written as GGUF":
    "'{1}' 필드가 false인데 llama.cpp는 true로 계산하므로 이 모델은 GGUF로 저장할 수 없습니다.",
  "tensor '%' is stored as %, expected F32, F16 or BF16 where the experts come one by one":
    "'{1}' 텐서는 {2} 형식으로 저장되어 있습니다. 전문가(expert)가 하나씩 들어 있는 파일에서는 F32, F16, BF16 가운데 하나여야 합니다.",
  "tensor '%' is %, but other experts' are %":
    "'{1}' 텐서의 형식은 {2}인데 다른 전문가(expert)의 형식은 {3}입니다.",
  "% models are not written for transformers, which has a file's experts one by one: write an MLX directory or a GGUF file":
    '{1} 모델은 transformers용으로 저장하지 않습니다. transformers 파일에는 전문가(expert)가 하나씩 들어갑니다. MLX 폴더나 GGUF 파일로 저장하세요.',
  "metadata '%.rope.dimension_count' is %, expected an even number":
    "메타데이터 '{1}.rope.dimension_count'의 값이 {2}입니다. 짝수여야 합니다.",
  '% came after the first weights': '{1} 파일이 첫 가중치 뒤에 왔습니다.',
  "metadata 'bert.attention.causal' is true, expected false":
    "메타데이터 'bert.attention.causal'의 값이 true입니다. false여야 합니다.",
  "there are no token types, as in DistilBERT, but metadata 'bert.attention.layer_norm_epsilon' is %, expected %":
    "DistilBERT처럼 토큰 종류가 없는데, 메타데이터 'bert.attention.layer_norm_epsilon'의 값이 {1}입니다. {2}이어야 합니다.",
  "the file has no cls.weight, the layer between the first token's state and the classes, which llama.cpp's converter leaves out of a BERT: its classes can't be told, only embeddings":
    '파일에 첫 토큰의 상태와 분류 사이에 있는 층(cls.weight)이 없습니다. llama.cpp의 변환기가 BERT에서 빼는 층입니다. 임베딩은 구할 수 있지만 분류는 할 수 없습니다.',
  'the model tells %, but a GGUF file has no place for the layer that does: write an MLX directory, or one for transformers':
    '이 모델은 {1}. GGUF 파일에는 그 일을 하는 층을 담을 자리가 없습니다. MLX 폴더나 transformers용 폴더로 쓸 수 있습니다.',
  "the model's activation is %, but llama.cpp takes it to be gelu, so the model can't be written as GGUF":
    '모델의 활성화 함수는 {1}인데 llama.cpp는 gelu로 여기므로, GGUF로 쓸 수 없습니다.',
  "field '%' is true, expected one of pooling_mode_mean_tokens, pooling_mode_cls_token and pooling_mode_lasttoken alone":
    "'{1}' 필드의 값이 true입니다. pooling_mode_mean_tokens, pooling_mode_cls_token, pooling_mode_lasttoken 가운데 하나만 true여야 합니다.",
  '% models are not written as GGUF: write an MLX directory, or one for transformers':
    '{1} 모델은 GGUF로 저장하지 않습니다. MLX 폴더나 transformers용 폴더로 저장하세요.',
  'a % model reads whole texts and does not continue them: it classifies and embeds':
    '{1} 모델은 글 전체를 읽을 뿐 이어 쓰지 않습니다. 분류와 임베딩에 씁니다.',
  'a % model continues texts: bert, distilbert and roberta models classify and embed':
    '{1} 모델은 글을 이어 씁니다. 분류와 임베딩에는 bert, distilbert, roberta 모델을 쓰세요.',
  'the text has % tokens, expected 1 to %': '글이 {1} 토큰입니다. 1~{2} 토큰이어야 합니다.',
  'token % is of type %, expected 0 to %': '{1}번째 토큰의 종류가 {2}입니다. 0~{3}이어야 합니다.',
  'no text has gone through the encoder': '인코더에 글을 넣은 적이 없습니다.',
  'the model gives a text one number and does not choose among classes':
    '모델이 글마다 수 하나를 낼 뿐, 클래스 가운데서 고르지 않습니다.',
  'the model has no classes: expected one for sequence classification':
    '모델에 분류 항목이 없습니다. 글 분류(sequence classification) 모델이어야 합니다.',
  "field '%' is '%', expected gelu, gelu_new, relu or silu":
    "'{1}' 필드의 값이 '{2}'입니다. gelu, gelu_new, relu, silu 가운데 하나여야 합니다.",
  "tensor '%' is stored as %, but is no linear layer to transformers, which quantizes nothing else: write an MLX directory or a GGUF file":
    "'{1}' 텐서는 {2} 형식으로 저장되어 있지만 transformers에서는 선형 층이 아닙니다. transformers는 선형 층만 양자화하므로 MLX 폴더나 GGUF 파일로 저장하세요.",
  "field '%' is '%', expected silu": "'{1}' 필드의 값이 '{2}'입니다. silu여야 합니다.",
  "field '%' is %, expected a multiple of % (%) where head_dim is not given":
    "'{1}' 필드의 값이 {2}입니다. head_dim이 없으면 {3}({4})의 배수여야 합니다.",
  "field 'high_freq_factor' is %, expected more than low_freq_factor (%)":
    "'high_freq_factor' 필드의 값이 {1}입니다. low_freq_factor({2})보다 커야 합니다.",
  "field 'layer_types' has '%', expected full_attention or sliding_attention":
    "'layer_types' 필드에 '{1}'이(가) 있습니다. full_attention이나 sliding_attention이어야 합니다.",
  "field 'layer_types' has % layers, expected %":
    "'layer_types' 필드에 층이 {1}개 있습니다. {2}개여야 합니다.",
  "the model's attention has a window in other layers than llama.cpp's % architecture, so it can't be written as GGUF":
    '모델에서 어텐션 창이 있는 층이 llama.cpp의 {1} 구조와 달라 GGUF로 쓸 수 없습니다.',
  "field 'query_pre_attn_scalar' is %, but llama.cpp takes it to be %, so the model can't be written as GGUF":
    "'query_pre_attn_scalar' 필드의 값이 {1}이지만 llama.cpp는 {2}로 보기 때문에 GGUF로 쓸 수 없습니다.",
  "field 'load_in_8bit' is true: bitsandbytes' LLM.int8() is not supported, expected nf4 in 4 bits":
    "'load_in_8bit' 필드가 true입니다. bitsandbytes의 LLM.int8()은 지원하지 않으며, 4비트 nf4여야 합니다.",
  "field 'mode' is '%', expected affine, mxfp4, mxfp8 or nvfp4":
    "'mode' 필드의 값이 '{1}'입니다. affine, mxfp4, mxfp8, nvfp4 가운데 하나여야 합니다.",
  "field 'model_type' is '%', expected %":
    "'model_type' 필드의 값이 '{1}'입니다. 지원하는 모델은 {2}입니다.",
  "field 'nested_offset' is missing": "'nested_offset' 필드가 없습니다.",
  "field 'partial_rotary_factor' is %, expected 1":
    "'partial_rotary_factor' 필드의 값이 {1}입니다. 1이어야 합니다.",
  "field 'quant_type' is '%', expected nf4":
    "'quant_type' 필드의 값이 '{1}'입니다. nf4여야 합니다.",
  "field 'quantization_config' has quant_method '%', expected MLX's settings, bitsandbytes, torchao or weights that are not quantized":
    "'quantization_config' 필드의 quant_method가 '{1}'입니다. MLX, bitsandbytes, torchao의 설정이거나 양자화되지 않은 가중치여야 합니다.",
  "field 'rope_theta' is missing, expected 1 to 1e12":
    "'rope_theta' 필드가 없습니다. 1~1e12 사이의 값이 있어야 합니다.",
  "field 'rope_traditional' is true, expected false":
    "'rope_traditional' 필드가 true입니다. false여야 합니다.",
  "field 'rope_type' is '%', expected default, linear, llama3, yarn, longrope or dynamic":
    "'rope_type' 필드의 값이 '{1}'입니다. default, linear, llama3, yarn, longrope, dynamic 가운데 하나여야 합니다.",
  "field 'no_rope_layers' is no list of % numbers that are 0 or 1":
    "'no_rope_layers' 필드가 0이나 1인 수 {1}개의 목록이 아닙니다.",
  "the model has rotary positions in other layers than llama.cpp's % architecture, so it can't be written as GGUF":
    '모델에서 회전 위치를 쓰는 층이 llama.cpp의 {1} 구조와 달라 GGUF로 쓸 수 없습니다.',
  "metadata '%' is missing, expected 1e-06 to 1e+06":
    "메타데이터 '{1}'이(가) 없습니다. 1e-06~1e+06 사이의 값이 있어야 합니다.",
  "field '%' is no list of % positive numbers": "'{1}' 필드가 양수 {2}개의 목록이 아닙니다.",
  "field 'rope_type' is '%', which GGUF has no word for, so the model can't be written as such a file; an MLX directory keeps its config.json":
    "'rope_type' 필드의 값이 '{1}'인데 GGUF로는 이를 나타낼 수 없어 그 파일로 쓸 수 없습니다. MLX 폴더에는 config.json이 그대로 남습니다.",
  "field 'truncate' is false, expected true": "'truncate' 필드가 false입니다. true여야 합니다.",
  "field 'shape' has more than % dimensions, expected at most %":
    "'shape' 필드의 차원이 {1}개를 넘습니다. {2}개까지 쓸 수 있습니다.",
  "field 'shape' is not [%, %], as in the config":
    "'shape' 필드가 설정과 달리 [{1}, {2}]가 아닙니다.",
  "fields '%' and '%' multiply to %, expected at most %":
    "'{1}' 필드와 '{2}' 필드를 곱하면 {3}입니다. {4}까지 쓸 수 있습니다.",
  'file % does not exist: the export has %': '{1}번 파일은 없습니다. 내보낼 파일은 {2}개입니다.',
  'its shape multiplies to more than 2^63 elements or bytes':
    'shape를 곱하면 원소나 바이트가 2^63개를 넘습니다.',
  "metadata '%' is % for one layer and % for another, expected one value for all":
    "메타데이터 '{1}'의 값이 어떤 층에서는 {2}, 다른 층에서는 {3}입니다. 모든 층에서 같아야 합니다.",
  "metadata '%' is %, expected %": "메타데이터 '{1}'의 값이 {2}입니다. 있어야 할 값은 {3}입니다.",
  "metadata '%' is %, expected % to %":
    "메타데이터 '{1}'의 값이 {2}입니다. {3}~{4} 사이여야 합니다.",
  "metadata '%' is %, expected % to 1e+06":
    "메타데이터 '{1}'의 값이 {2}입니다. {3}~1e+06 사이여야 합니다.",
  "metadata '%' is missing, expected 1e-20 to 1":
    "메타데이터 '{1}'이(가) 없습니다. 1e-20~1 사이의 값이 있어야 합니다.",
  "metadata '%' is missing, expected a whole number from 1 to %":
    "메타데이터 '{1}'이(가) 없습니다. 1~{2} 사이의 정수가 있어야 합니다.",
  "metadata '%.rope.scaling.type' is '%', expected none or linear":
    "메타데이터 '{1}.rope.scaling.type'의 값이 '{2}'입니다. none이나 linear여야 합니다.",
  "metadata 'general.alignment' is %, expected a power of two":
    "메타데이터 'general.alignment'의 값이 {1}입니다. 2의 거듭제곱이어야 합니다.",
  "metadata 'general.architecture' is '%', expected %":
    "메타데이터 'general.architecture'의 값이 '{1}'입니다. 지원하는 모델은 {2}입니다.",
  "metadata 'split.count' is %, but % in %":
    "메타데이터 'split.count'의 값이 {1}인데 {3} 파일에서는 {2}입니다.",
  "metadata 'split.no' is %, as in an earlier file":
    "메타데이터 'split.no'의 값 {1}이(가) 앞의 파일과 같습니다.",
  'more bytes than the % that were announced': '예고한 {1}바이트보다 많은 바이트가 들어왔습니다.',
  'neither GGUF nor safetensors: its first 8 bytes, read as a header length, are %, expected at most %':
    'GGUF도 safetensors도 아닙니다. 처음 8바이트를 헤더 길이로 읽으면 {1}인데, {2}까지만 가능합니다.',
  'no weights: expected a .gguf file, or config.json with .safetensors files':
    '가중치가 없습니다. .gguf 파일 하나, 또는 config.json과 .safetensors 파일이 필요합니다.',
  'not valid JSON%: %': '올바른 JSON이 아닙니다{1}: {2}.',
  'offset is %, expected a multiple of %': 'offset이 {1}입니다. {2}의 배수여야 합니다.',
  'out of memory: % bytes could not be allocated':
    '메모리가 모자랍니다. {1}바이트를 할당하지 못했습니다.',
  'quantization of % is neither an object nor true or false':
    '{1}의 양자화 설정이 객체도 true나 false도 아닙니다.',
  "tensor '%' gives code % the value %, expected %, as in NF4":
    "'{1}' 텐서: 코드 {2}의 값이 {3}입니다. NF4에서는 {4}이어야 합니다.",
  "tensor '%' has % elements, expected a multiple of % for type %":
    "'{1}' 텐서: 원소가 {2}개입니다. {4} 형식에서는 {3}의 배수여야 합니다.",
  "tensor '%' has % for row %, expected zero points of 0":
    "'{1}' 텐서: {3}번 행의 영점이 {2}입니다. 0이어야 합니다.",
  "tensor '%' has % weight% not finite, the first of them % at %":
    "'{1}' 텐서: 유한하지 않은 가중치가 {2}개 있습니다. 첫 번째는 {5} 위치의 {4}입니다.",
  "tensor '%' has a weight of % at %, more than %% holds: % of its weights % lost, and %":
    "'{1}' 텐서: {3} 위치의 가중치 {2}이(가) {4}{5}에 담기지 않습니다. 가중치 {6}개를 잃게 됩니다. ({8})",
  "tensor '%' has a weight of % at [%, %], more than %, which it is to be written in, holds: bf16 and f32 hold it":
    "'{1}' 텐서: [{3}, {4}] 위치의 가중치 {2}이(가) 쓰려는 형식 {5}에 담기지 않습니다. bf16과 f32에는 담깁니다.",
  "tensor '%' has rows of %, not a multiple of %'s %":
    "'{1}' 텐서: 행의 길이가 {2}입니다. {3}에서는 {4}의 배수여야 합니다.",
  "tensor '%' has shape %, expected [%, %] from the config":
    "'{1}' 텐서: shape가 {2}입니다. 설정에 따르면 [{3}, {4}]이어야 합니다.",
  "tensor '%' has shape %, expected [%, %, %] from the config":
    "'{1}' 텐서: shape가 {2}입니다. 설정에 따르면 [{3}, {4}, {5}]이어야 합니다.",
  "tensor '%' has shape %, expected [%, rows, columns]: a matrix of each expert":
    "'{1}' 텐서: shape가 {2}입니다. 전문가(expert)마다 행렬이 하나씩 있으므로 [{3}, 행, 열]이어야 합니다.",
  "tensor '%' has shape %, expected [%] from the config":
    "'{1}' 텐서: shape가 {2}입니다. 설정에 따르면 [{3}]이어야 합니다.",
  "tensor '%' is %, but the other of scale and zero_point is %":
    "'{1}' 텐서: {2} 형식인데, scale과 zero_point 가운데 다른 하나는 {3} 형식입니다.",
  "tensor '%' is %, but the other of scales and biases is %":
    "'{1}' 텐서: {2} 형식인데, scales와 biases 가운데 다른 하나는 {3} 형식입니다.",
  "tensor '%' is %, expected %": "'{1}' 텐서: {2} 형식입니다. {3} 형식이어야 합니다.",
  "tensor '%' is %, expected F32, F16 or BF16":
    "'{1}' 텐서: {2} 형식입니다. F32, F16, BF16 가운데 하나여야 합니다.",
  "tensor '%' is missing from the files given": "'{1}' 텐서: 주어진 파일에 없습니다.",
  "tensor '%' is missing, and so is %": "'{1}' 텐서: 없습니다. {2} 파일도 없습니다.",
  "tensor '%' is missing: model.safetensors.index.json says it is in %":
    "'{1}' 텐서: 없습니다. model.safetensors.index.json에 따르면 {2} 파일에 있습니다.",
  "tensor '%' is not a JSON text in U8": "'{1}' 텐서: U8에 담긴 JSON이 아닙니다.",
  "tensor '%' is not one that a % model with % layers has":
    "'{1}' 텐서: 층이 {3}개인 {2} 모델에는 없는 텐서입니다.",
  "tensor '%' is quantized in groups of %, but has rows of %":
    "'{1}' 텐서: 그룹 크기 {2}로 양자화되었는데 행의 길이는 {3}입니다.",
  "tensor '%' is stored as % and '%' as %, which one checkpoint of transformers can't hold together":
    "'{1}' 텐서는 {2}, '{3}' 텐서는 {4} 형식이라서 transformers 체크포인트 하나에 함께 담을 수 없습니다.",
  "tensor '%' is stored as %, which GGUF has no type for: choose a recipe that it has one for, such as q4_0, q8_0 or f16, or write an MLX directory":
    "'{1}' 텐서: {2} 형식은 GGUF에 없습니다. q4_0, q8_0, f16처럼 GGUF에 있는 레시피를 고르거나 MLX 폴더로 저장하세요.",
  "tensor '%' is stored as %, which an MLX directory can't hold: choose a recipe that converts it, or a float type for what the recipe leaves":
    "'{1}' 텐서: {2} 형식은 MLX 폴더에 담을 수 없습니다. 이 텐서를 변환하는 레시피나, 남는 텐서를 위한 부동소수점 형식을 고르세요.",
  "tensor '%' is stored as %, which bitloss can't read as weights":
    "'{1}' 텐서: {2} 형식의 가중치는 읽을 수 없습니다.",
  "tensor '%' is stored as %, which no checkpoint of transformers holds: choose a recipe that converts it to nf4, nf4_double, int8, int4 or floats":
    "'{1}' 텐서: {2} 형식은 transformers 체크포인트에 담을 수 없습니다. nf4, nf4_double, int8, int4나 부동소수점으로 변환하는 레시피를 고르세요.",
  "tensor '%' is there twice": "'{1}' 텐서: 두 번 나옵니다.",
  "tensor '%' is there, but bnb_4bit_use_double_quant of the config is false":
    "'{1}' 텐서: 있지만, 설정의 bnb_4bit_use_double_quant가 false입니다.",
  "tensor '%' is there, but its weights are % and not %":
    "'{1}' 텐서: 있지만, 가중치가 {3} 형식이 아니라 {2} 형식입니다.",
  "tensor '%' is there, but its weights are % and not quantized":
    "'{1}' 텐서: 있지만, 가중치가 양자화되지 않은 {2} 형식입니다.",
  "tensor '%' is there, but mode % of the config has none":
    "'{1}' 텐서: 있지만, 설정의 {2} 모드에는 없는 텐서입니다.",
  "tensor '%' is there, but the config has none": "'{1}' 텐서: 있지만, 설정에는 없는 텐서입니다.",
  "tensor '%' starts at byte % of the data, expected %, where the one before it ends":
    "'{1}' 텐서: 데이터의 {2}번째 바이트에서 시작합니다. 앞의 텐서가 끝나는 {3}번째 바이트여야 합니다.",
  "tensor '%' starts at byte %, inside tensor '%' (% bytes from %)":
    "'{1}' 텐서: {2}번째 바이트에서 시작해 '{3}' 텐서({5}번째부터 {4}바이트)와 겹칩니다.",
  "tensor 'rope_freqs.weight' rescales the rotary frequencies in a way that config.json can't express, so the model can't be exported":
    "'rope_freqs.weight' 텐서가 config.json으로 나타낼 수 없는 방식으로 회전 주파수를 바꾸므로 내보낼 수 없습니다.",
  'the GGUF version is %, expected 2 or 3%': 'GGUF 버전이 {1}입니다. 2나 3이어야 합니다{2}.',
  'the file is %, expected JSON': 'JSON이어야 하는데 다음과 같습니다: {1}.',
  'the file is empty': '파일이 비어 있습니다.',
  "the first bytes are not GGUF's": '처음 바이트가 GGUF의 것이 아닙니다.',
  'the header %': '헤더가 올바른 JSON이 아닙니다: {1}.',
  'the header counts % tensors and % metadata entries, more than the % bytes after it can hold':
    '헤더에 따르면 텐서가 {1}개, 메타데이터가 {2}개인데, 남은 {3}바이트에는 들어갈 수 없습니다.',
  "the mean of its scales is not a finite number, which the JSON beside it can't hold":
    '스케일의 평균이 유한한 수가 아니어서 함께 쓰는 JSON에 담을 수 없습니다.',
  "the model has % biases, which llama.cpp's % architecture does not, so it can't be written as GGUF":
    '모델에 {1} 바이어스가 있는데 llama.cpp의 {2} 구조에는 없어서 GGUF로 쓸 수 없습니다.',
  "the name of % is '%', expected UTF-8 without NUL":
    "{1}의 이름이 '{2}'입니다. NUL이 없는 UTF-8이어야 합니다.",
  'the tensors take % bytes but % follow the header; expected no other bytes':
    '텐서는 {1}바이트인데 헤더 뒤에 {2}바이트가 있습니다. 다른 바이트는 없어야 합니다.',
  'the text is not a JSON object': 'JSON 객체가 아닙니다.',
  'this is %; expected JSON': 'JSON이어야 하는데 다음과 같습니다: {1}.',
  'this is %; expected safetensors or GGUF': 'safetensors나 GGUF여야 하는데 다음과 같습니다: {1}.',
  'this is part % of %, expected the first part':
    '{2}개 가운데 {1}번째 파일입니다. 첫 번째 파일이어야 합니다.',
  'this loader has failed or finished already': '이미 실패했거나 끝난 읽기입니다.',
  'too large for this machine': '이 기기에는 너무 큰 파일입니다.',
  'truncated: % needs % bytes at byte %, but the file ends at %':
    '파일이 잘렸습니다. {1}: {3}번째 바이트에서 {2}바이트가 필요한데 파일이 {4}번째 바이트에서 끝납니다.',
  'truncated: the file has % bytes, expected at least 8':
    '파일이 잘렸습니다. 파일이 {1}바이트입니다. 8바이트 이상이어야 합니다.',
  'truncated: the header length is %, but % bytes follow it':
    '파일이 잘렸습니다. 헤더 길이는 {1}인데 그 뒤에 {2}바이트만 있습니다.',
  'writing % was stopped': '{1} 파일을 쓰다가 멈췄습니다.',
};
