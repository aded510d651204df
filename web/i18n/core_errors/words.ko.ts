/** Words that the core puts into its sentences, in Korean. Names of files, fields and types stay as they are. */
export const WORDS: Readonly<Record<string, string>> = {
  'a number': '수',
  'a string': '문자열',
  'an array': '배열',
  'an object': '객체',
  numbers: '수',
  strings: '문자열',
  bools: 'bool',
  integers: '정수',
  floats: '부동소수점 수',
  blank: '빈칸뿐인 파일',
  empty: '비어 있음',
  'too long': '너무 김',
  missing: '없음',
  prompt: '프롬프트',
  answer: '답',
  tensor: '텐서',
  bits: '비트 폭',
  group: '그룹 크기',
  'the header': '헤더',
  'the end': '끝',
  'a value': '값',
  'a key in quotes': '따옴표로 묶은 키',
  'a Git LFS pointer, which stands for a file that was not downloaded':
    '내려받지 않은 파일을 대신하는 Git LFS 포인터',
  'a zip archive, such as PyTorch writes': 'PyTorch가 쓰는 것과 같은 zip 파일',
  'a web page': '웹 페이지',
  'a GGUF file': 'GGUF 파일',
  'a JPEG picture': 'JPEG 그림',
  'a PNG picture': 'PNG 그림',
  'a GIF picture': 'GIF 그림',
  'a PDF document': 'PDF 문서',
  'a ZIP archive or a PyTorch checkpoint': 'ZIP 파일이나 PyTorch 체크포인트',
  'a gzip archive': 'gzip 파일',
  'a text file': '텍스트 파일',
  'an empty file': '빈 파일',
  'a file of an unknown kind': '알 수 없는 종류의 파일',
  ', or cut off': ' (또는 잘렸습니다)',
  ' in little-endian order: this file is big-endian': ' (리틀 엔디언. 이 파일은 빅 엔디언입니다)',
  'bf16 and f32 hold them': 'bf16과 f32에는 담깁니다',
  infinity: '무한대',
  '-infinity': '음의 무한대',
};

/** Phrases with something in them. */
export const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/^tensor (\d+)$/, '텐서 $1'],
  [/^tensor (\d+) ('.*')$/, '텐서 $1 $2'],
  [/^metadata entry (\d+)$/, '메타데이터 $1'],
  [/^metadata entry (\d+) ('.*')$/, '메타데이터 $1 $2'],
  [/^(.*) and (\d+) more$/, '$1 외 $2개'],
  [/^'(.*)' in the recipe keeps them$/, "레시피에 '$1'을 더하면 그대로 남습니다"],
  [/^([\w.:', -]+) or ([\w.:'-]+)$/, '$1 또는 $2'],
];

/** Where JSON ends to be JSON: what is found there and what is expected are words, too. */
export const AT_BYTE = /^at byte (\d+) of (\d+) found (.*), expected (.*)$/s;
