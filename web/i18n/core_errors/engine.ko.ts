/** What can be wrong with a set of files that were given, in Korean, by the sentences of wasm/files.ts. */
const EXPECTED =
  '.gguf 파일 하나, 또는 config.json·tokenizer.json과 .safetensors 파일이 필요합니다.';

export const engine: Readonly<Record<string, string>> = {
  'could not be read, it may have been changed or moved: %':
    '읽지 못했습니다. 파일이 바뀌었거나 옮겨졌을 수 있습니다. ({1})',
  'No file was given; expected a .gguf file, or .safetensors files with config.json and tokenizer.json.': `파일이 없습니다. ${EXPECTED}`,
  '% came without weights; expected a .gguf file, or .safetensors files with config.json and tokenizer.json.': `{1}: 가중치 파일이 없습니다. ${EXPECTED}`,
  'None of the % files (%) is a model; expected a .gguf file, or .safetensors files with config.json and tokenizer.json.': `파일 {1}개({2}) 가운데 모델이 없습니다. ${EXPECTED}`,
  '% is %, not a model; expected a .gguf file, or .safetensors files with config.json and tokenizer.json.': `{1}: 모델이 아니라 다음과 같습니다: {2}. ${EXPECTED}`,
  'Found both GGUF and safetensors files (%); expected one model.':
    'GGUF와 safetensors 파일({1})이 함께 있습니다. 모델 하나의 파일이어야 합니다.',
  'Found % GGUF files (%); expected one model.':
    'GGUF 파일이 {1}개({2}) 있습니다. 모델 하나의 파일이어야 합니다.',
  'the file has %, expected at most % MiB': '파일이 {1}입니다. {2} MiB까지 읽을 수 있습니다.',
  'The weights would take % GB under %, more than the 4 GB of memory that an engine can have here; a recipe of fewer bits takes less.':
    '가중치가 {2} 형식에서 {1} GB입니다. 여기서 엔진이 쓸 수 있는 메모리는 4 GB까지입니다. 비트 수가 더 적은 형식은 더 작습니다.',
  '% was given twice; expected the files of one model.':
    '{1}: 두 번 주어졌습니다. 모델 하나의 파일이어야 합니다.',
};
