/** What can be wrong with a tokenizer, in Korean, by the core's own sentence: index.ts says how. */
export const tokenizer: Readonly<Record<string, string>> = {
  "% '%' is not supported": "{1} '{2}': 지원하지 않습니다.",
  "% has no field 'type'": "{1}: 'type' 필드가 없습니다.",
  "'%' are nested more than % deep": "'{1}': {2}단계보다 깊이 겹쳐 있습니다.",
  "'%' has % items, expected one per token: %":
    "'{1}': 항목이 {2}개입니다. 토큰마다 하나씩 {3}개여야 합니다.",
  "'%' is not an array of %": "'{1}': {2}의 배열이 아닙니다.",
  "a model with % '%' is not supported": "{1} '{2}'인 토크나이저 모델은 지원하지 않습니다.",
  'a model with dropout is not supported': 'dropout이 있는 토크나이저 모델은 지원하지 않습니다.',
  'a split pattern ends too early, at byte %': '분할 패턴이 {1}번째 바이트에서 너무 일찍 끝납니다.',
  'a split pattern has an open group at byte %':
    '분할 패턴의 {1}번째 바이트에서 열린 괄호가 닫히지 않았습니다.',
  "a split pattern has an unopened ')' at byte %":
    "분할 패턴의 {1}번째 바이트에 짝이 없는 ')'가 있습니다.",
  'a split pattern is not UTF-8 at byte %': '분할 패턴의 {1}번째 바이트가 UTF-8이 아닙니다.',
  'a split pattern is too intricate (over % states)':
    '분할 패턴이 너무 복잡합니다. 상태가 {1}개를 넘습니다.',
  'a split pattern matches the empty text': '분할 패턴이 빈 글과 일치합니다.',
  'a split pattern tells more than % kinds of characters apart':
    '분할 패턴이 구별하는 문자가 {1}종류를 넘습니다.',
  "a split pattern uses % at byte % ('%'), which is not supported":
    "분할 패턴의 {2}번째 바이트('{3}')에 지원하지 않는 것이 있습니다: {1}.",
  'a text of % bytes is too long to encode': '{1}바이트 글은 토큰으로 나누기에 너무 깁니다.',
  "added token '%' has id %, but the vocabulary gives it %":
    "추가 토큰 '{1}': id가 {2}인데 어휘에서는 {3}입니다.",
  "added token '%' has no 'id'": "추가 토큰 '{1}': 'id'가 없습니다.",
  "an added token has no 'content'": "추가 토큰 하나에 'content'가 없습니다.",
  'an added token is % bytes long, over %':
    '추가 토큰 하나가 {1}바이트입니다. {2}바이트를 넘을 수 없습니다.',
  "field '%' is missing, expected a string": "'{1}' 필드가 없습니다. 문자열이 있어야 합니다.",
  "field '%' of a Sequence is not a list": "Sequence의 '{1}' 필드가 목록이 아닙니다.",
  "field 'added_tokens' is not a list": "'added_tokens' 필드가 목록이 아닙니다.",
  'field \'pattern\' is not {"String": …} or {"Regex": …}':
    '\'pattern\' 필드가 {"String": …}이나 {"Regex": …} 모양이 아닙니다.',
  'item % of % is not %': '{2}의 {1}번째 항목이 잘못되었습니다. 있어야 할 것: {3}.',
  "merge % ('%' and '%') names a token that is not in the vocabulary":
    "{1}번째 병합('{2}', '{3}')에 어휘에 없는 토큰이 있습니다.",
  "merge % ('%') is not two tokens of the vocabulary that make a third":
    "{1}번째 병합('{2}')이 어휘의 두 토큰을 이어 세 번째 토큰을 만들지 않습니다.",
  'model.% is missing or of the wrong type': 'model.{1}이(가) 없거나 형식이 다릅니다.',
  'model.vocab is empty': 'model.vocab이 비어 있습니다.',
  "field '%' of post_processor is not [token, id]":
    "post_processor의 '{1}' 필드가 [토큰, id] 모양이 아닙니다.",
  'precompiled_charsmap is not a character map': 'precompiled_charsmap이 문자 변환표가 아닙니다.',
  'the tokenizer does not say how two texts go together':
    '토크나이저에 두 글을 잇는 방법이 없습니다.',
  "the tokenizer has no tokens for '%', and none for what is unknown":
    "토크나이저에 '{1}'을(를) 나타낼 토큰도, 모르는 것을 나타내는 토큰도 없습니다.",
  "the tokenizer's vocabulary takes too long to search on this text":
    '이 글에서는 토크나이저의 어휘를 찾는 데 너무 오래 걸립니다.',
  'more tokens than were announced': '예고한 것보다 많은 토큰이 들어왔습니다.',
  "no object 'model'": "'model' 객체가 없습니다.",
  "post_processor gives '%' no token's id": "post_processor의 '{1}'에 토큰 id가 없습니다.",
  "post_processor has no list 'single'": "post_processor에 'single' 목록이 없습니다.",
  'post_processor puts more than % tokens on one side of a text':
    'post_processor가 글의 한쪽에 토큰을 {1}개 넘게 붙입니다.',
  "post_processor uses '%', whose ids are not in special_tokens":
    "post_processor가 쓰는 '{1}'의 id가 special_tokens에 없습니다.",
  "pre_tokenizer '%' after ByteLevel is not supported":
    "ByteLevel 뒤의 pre_tokenizer '{1}'은(는) 지원하지 않습니다.",
  "the id of token '%' is not a whole number that a file of % bytes has room for":
    "토큰 '{1}'의 id가 {2}바이트 파일에 담길 수 있는 정수가 아닙니다.",
  "the tokenizer has ids up to %, but the model's embedding has % rows: GGUF needs a row for each":
    '토크나이저의 id는 {1}까지인데 모델의 임베딩은 {2}행입니다. GGUF에는 id마다 행이 있어야 합니다.',
  "the tokenizer is 'gpt2', but tokenizer.ggml.merges is missing":
    "토크나이저가 'gpt2'인데 tokenizer.ggml.merges가 없습니다.",
  "the tokenizer is 'llama', but tokenizer.ggml.scores is missing":
    "토크나이저가 'llama'인데 tokenizer.ggml.scores가 없습니다.",
  "the tokenizer is neither byte-level nor SentencePiece's as in Llama 2, so the model can't be written as GGUF; an MLX directory keeps the tokenizer as it is":
    '토크나이저가 바이트 수준도, Llama 2와 같은 SentencePiece도 아니어서 모델을 GGUF로 쓸 수 없습니다. MLX 폴더에는 토크나이저가 그대로 남습니다.',
  'the tokenizer puts % tokens before and % after every text, but GGUF has room for one of each':
    '토크나이저가 글마다 앞에 {1}개, 뒤에 {2}개의 토큰을 붙이는데, GGUF에는 하나씩만 둘 수 있습니다.',
  "the tokenizer splits text in a way that llama.cpp has no name for, so the model can't be written as GGUF; an MLX directory keeps the tokenizer as it is":
    '토크나이저가 글을 나누는 방식의 이름이 llama.cpp에 없어서 모델을 GGUF로 쓸 수 없습니다. MLX 폴더에는 토크나이저가 그대로 남습니다.',
  "the tokenizer's merges can't be written as GGUF's scores: llama.cpp would split text in other places":
    '토크나이저의 병합을 GGUF의 점수로 쓸 수 없습니다. llama.cpp가 글을 다르게 나누게 됩니다.',
  "the tokenizer's split pattern takes too long on this text":
    '이 글에는 토크나이저의 분할 패턴이 너무 오래 걸립니다.',
  'token % is not UTF-8': '토큰 {1}번이 UTF-8이 아닙니다.',
  "token '%' with id %: that token or that id is there already":
    "id가 {2}인 토큰 '{1}': 같은 토큰이나 id가 이미 있습니다.",
  'token id % is out of range: expected 0 to %':
    '토큰 id {1}은(는) 범위 밖입니다. 0~{2} 사이여야 합니다.',
  "token % holds a line's end": '토큰 {1}에 줄바꿈이 들어 있습니다.',
  "the tokenizer is 't5', but tokenizer.ggml.scores is missing":
    "토크나이저가 't5'인데 tokenizer.ggml.scores가 없습니다.",
  "the tokenizer is not WordPiece's as in BERT uncased, the only one of its kind that llama.cpp has, so the model can't be written as GGUF":
    '토크나이저가 llama.cpp가 아는 단 하나의 WordPiece, 곧 대소문자를 가리지 않는 BERT의 것이 아니어서 모델을 GGUF로 쓸 수 없습니다.',
  "tokenizer.ggml.pre is '%', which is not supported":
    "tokenizer.ggml.pre의 값이 '{1}'입니다. 지원하지 않는 값입니다.",
  'tokenizer.ggml.tokens is %': 'tokenizer.ggml.tokens가 올바르지 않습니다: {1}.',
  'tokenizer.json: its steps make more of a text than the % bytes that it may become':
    'tokenizer.json: 단계를 거치면 글이 한도인 {1}바이트보다 길어집니다.',
  'tokenizer.json: more than % steps of one kind are not supported':
    'tokenizer.json: 한 종류의 단계는 {1}개까지 지원합니다.',
  'too many merges': '병합이 너무 많습니다.',
  "unk_token '%' is not in the vocabulary": "unk_token '{1}'이(가) 어휘에 없습니다.",
  "vocab.json and merges.txt make a tokenizer of GPT2Tokenizer, Qwen2Tokenizer and RobertaTokenizer, but tokenizer_config.json's tokenizer_class is %%%":
    'vocab.json과 merges.txt로는 GPT2Tokenizer, Qwen2Tokenizer, RobertaTokenizer를 만들 수 있는데, tokenizer_config.json의 tokenizer_class는 {1}{2}{3}입니다.',
  "vocab.txt makes a tokenizer of BertTokenizer and its like, but tokenizer_config.json's tokenizer_class is '%'":
    "vocab.txt로는 BertTokenizer와 비슷한 것을 만들 수 있는데, tokenizer_config.json의 tokenizer_class는 '{1}'입니다.",
  "'%' is not in it": "'{1}'이(가) 들어 있지 않습니다.",
  "model_type % does not go with tokenizer_config.json's tokenizer_class '%'":
    "model_type {1}은(는) tokenizer_config.json의 tokenizer_class '{2}'와 맞지 않습니다.",
  'line % is not UTF-8': '{1}번째 줄이 UTF-8이 아닙니다.',
  'model_type % is not supported, expected 1 (unigram) or 2 (BPE)':
    'model_type {1}은(는) 지원하지 않습니다. 1(unigram)이나 2(BPE)여야 합니다.',
  'its pieces can be merged in more ways than a file of % bytes may have':
    '{1}바이트 파일에 있을 수 있는 것보다 많은 방법으로 조각이 이어집니다.',
  'not a model of SentencePiece': 'SentencePiece 모델이 아닙니다.',
  'the name of a special token is not UTF-8': '특수 토큰의 이름이 UTF-8이 아닙니다.',
  'too many lines': '줄이 너무 많습니다.',
  'too many pieces': '조각이 너무 많습니다.',
  'unk_id is %, but there are % pieces': 'unk_id가 {1}인데 조각은 {2}개입니다.',
};
