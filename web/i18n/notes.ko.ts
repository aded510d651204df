/** What the core remarks, in Korean: see notes.en.ts. */
import type { kinds as kindsEn, NoteWords } from './notes.en.ts';

/** Whole sentences: the core's own, which is English, follows in brackets. */
export const kinds: Record<keyof typeof kindsEn, NoteWords> = {
  'not-finite': (subject, count) =>
    `텐서 ${subject}에 NaN이나 무한대인 가중치가 ${count}개 있습니다.`,
  'lost-weights': (subject, count) =>
    `텐서 ${subject}의 가중치 ${count}개는 이 형식에 담기에 너무 커서 잃게 됩니다.`,
  'vanished-weights': (subject, count) =>
    `텐서 ${subject}부터 모두 ${count}개의 가중치가 이 형식에 담기에 너무 작아 0이 되거나 절반 넘게 달라집니다.`,
  'nothing-quantized': () =>
    '아무것도 양자화하지 않았습니다. 행의 길이가 블록으로 나누어떨어지는 행렬이 없습니다.',
  'not-fitted': (subject, count) =>
    `행렬 ${count}개는 이미 ${subject}의 형식으로 저장되어 있어 코드를 그대로 두었습니다. 방법은 아직 반올림하지 않은 가중치에서만 코드를 새로 고릅니다.`,
  'left-alone': (_, count) =>
    `행렬 ${count}개는 행의 길이가 블록으로 나누어떨어지지 않아 그대로 두었습니다.`,
  'embedding-from-output': (subject) =>
    `임베딩이 파일에 없고 설정에는 출력 행렬과 같다고 되어 있어, ${subject}를 둘 다로 씁니다.`,
  untied: (subject) =>
    `설정에는 임베딩과 출력 행렬이 같다고 되어 있지만, ${subject}의 가중치가 달라 둘 다 씁니다.`,
  'text-documents': (subject) =>
    `설정의 ${subject} 값을 알 수 없어, 글을 나누지 않고 통째로 읽습니다.`,
  rope: (subject) => `회전 위치(RoPE) 설정이 서로 다르거나 모자라 하나를 골랐습니다: ${subject}.`,
  'added-token': (_, count) =>
    `추가된 토큰 ${count}개의 번호가 tokenizer.json에 적힌 것과 다릅니다.`,
  'shared-id': (_, count) =>
    `추가된 토큰 ${count}개의 번호가 어휘의 다른 토큰과 겹칩니다. 그 번호는 추가된 토큰으로 읽습니다.`,
  'end-token': (subject, count) =>
    `${subject}: eos_token_id에 적힌 값 중 ${count}개는 어떤 토큰의 번호도 아닙니다.`,
  'generation-config': (subject) => `${subject}: 읽을 수 없어 쓰지 않습니다.`,
  'tokenizer-config': (subject) => `${subject}: 읽을 수 없어 쓰지 않습니다.`,
  'special-token': (subject) =>
    `tokenizer_config.json의 ${subject} 값이 어떤 토큰도 아니어서 쓰지 않습니다.`,
  'special-id': (subject, count) =>
    `메타데이터 ${subject}의 값 ${count} 번호에 해당하는 토큰이 없습니다.`,
  'template-id': (subject, count) =>
    `tokenizer.json의 post_processor에 적힌 ${subject}의 번호 ${count}에 해당하는 토큰이 없습니다.`,
  'gguf-array': (subject, count) =>
    `메타데이터 ${subject}의 항목이 토큰보다 ${count}개 많아 뒤쪽은 쓰지 않습니다.`,
  'text-too-long': (subject, count) =>
    `${subject} 파일(${count}바이트)까지 담으면 글 파일이 너무 커져 뺐습니다.`,
  'pointer-left-out': (subject) =>
    `${subject}: 내려받지 않은 파일을 대신하는 Git LFS 포인터여서 뺐습니다.`,
  'text-unreadable': (subject) =>
    `${subject}: JSON으로 읽을 수 없어, 그 안의 대화 틀을 쓰지 않습니다.`,
  'chat-templates-differ': (subject) => `대화 틀 두 개가 서로 달라 ${subject}에 적힌 것을 씁니다.`,
  'chat-template-left-out': (subject) => `메타데이터 ${subject}: 글이 아니어서 뺐습니다.`,
  'metadata-left-out': (subject) =>
    `메타데이터 ${subject}: 담아 둘 수 없는 종류여서, 이 모델로 만드는 GGUF 파일에는 없습니다.`,
  'generation-settings-left-out': (_, count) =>
    `생성 설정 ${count}개는 GGUF에 담을 자리가 없어 뺐습니다.`,
  'no-tokenizer': () => '읽을 수 있는 토크나이저가 없어, 파일에도 토크나이저가 들어가지 않습니다.',
  'normalizer-left-out': () =>
    '토크나이저는 나뉘어 적힌 글자를 하나로 합치지만(NFC), llama.cpp는 그렇게 하지 않습니다.',
  'shared-id-left-out': (_, count) =>
    `번호 ${count}개에 토큰이 둘씩 있지만 GGUF에는 하나만 담을 수 있어, 추가된 토큰만 남깁니다.`,
  'window-ignored': (_, count) =>
    `설정에는 앞의 ${count}토큰만 돌아본다고 되어 있지만, llama.cpp는 앞의 토큰을 모두 돌아봅니다.`,
  'images-left-out': () =>
    '글과 그림을 함께 읽는 모델입니다. 그림을 보는 부분은 빼고 언어 모델만 읽습니다.',
  'head-left-out': (subject) => `${subject} 등은 GGUF에 담을 자리가 없어 뺐습니다.`,
  'head-differs': () =>
    '분류 앞의 층에 llama.cpp는 relu 대신 tanh를 써서 로짓이 달라집니다. bitloss는 파일을 DistilBERT로 읽어 모델 그대로 계산합니다.',
  'gelu-approximated': () => 'llama.cpp는 gelu를 tanh로 어림하므로 벡터가 0.0003쯤 다릅니다.',
  'gelu-left-out': () =>
    'GGUF에는 gelu의 종류를 적을 자리가 없습니다. bitloss는 이 파일을 어림하지 않은 gelu로 읽습니다.',
  'problem-type-left-out': (subject) =>
    `GGUF에는 ‘${subject}’ 값을 적을 자리가 없어, 한 가지로 분류하는 모델로 읽힙니다.`,
  'no-vocab': () => '파일로 만들 수 있는 토크나이저가 없습니다.',
  'more-notes': (_, count) => `알림이 ${count}개 더 있습니다.`,
};
