/** What can be wrong with a chat template, in Korean, by the core's own sentence: index.ts says how. */
export const chat: Readonly<Record<string, string>> = {
  '% ids of a prompt of % are to be kept, the session holds %':
    '토큰 {2}개인 프롬프트에서 {1}개를 두려는데, 세션에는 {3}개가 있습니다.',
  '% values were given for % names': '값이 {1}개인데 이름은 {2}개입니다.',
  "'%' is changed to %, which bitloss can do with ASCII letters only":
    "'{1}': {2}로 바꾸어야 하는데, ASCII 글자만 바꿀 수 있습니다.",
  "'%' is undefined": "'{1}': 정의되지 않았습니다.",
  "'%' takes other arguments": "'{1}': 받는 인자가 다릅니다.",
  "'%' is not closed": "'{1}': 닫히지 않았습니다.",
  "'%' is not possible between % and %": "'{1}': {2}와(과) {3} 사이에서는 할 수 없습니다.",
  "'%' is outside of a loop": "'{1}': 반복문 밖에 있습니다.",
  "a message has a NUL character, which a chat template can't be given":
    '메시지에 NUL 문자가 있습니다. 채팅 템플릿에 넣을 수 없습니다.',
  "a date's part '%' is not known": "날짜의 '{1}': 알지 못하는 서식입니다.",
  'a division by zero': '0으로 나눕니다.',
  'a list has no item of that value': '목록에 그 값이 없습니다.',
  'a place is of type %, expected int': '자리의 형이 {1}입니다. int여야 합니다.',
  'a range has more than % numbers': 'range의 수가 {1}개를 넘습니다.',
  'a template may not change a %': '템플릿은 값을 바꿀 수 없습니다: {1}.',
  'a text has an escape that is no character': '글에 문자가 아닌 이스케이프가 있습니다.',
  'a text is split at an empty one': '빈 글을 기준으로 글을 나눕니다.',
  "a value of type % can't be a key": '{1}형 값은 키가 될 수 없습니다.',
  "a value of type % can't be called": '{1}형 값은 호출할 수 없습니다.',
  "a value of type % can't be written as JSON": '{1}형 값은 JSON으로 쓸 수 없습니다.',
  "a value of type % can't be written as text": '{1}형 값은 글로 쓸 수 없습니다.',
  'a value of type % has no items': '{1}형 값에는 항목이 없습니다.',
  'a value of type % has no length': '{1}형 값에는 길이가 없습니다.',
  'a whole number is over 63 bits': '정수가 63비트를 넘습니다.',
  'an argument is of type %, expected %': '인자의 형이 {1}입니다. {2}여야 합니다.',
  "found '%', expected %": "'{1}'이(가) 있습니다. 있어야 할 것: {2}.",
  'it asks for the date, and none was given': '날짜를 묻는데, 주어지지 않았습니다.',
  'it makes more text than a conversation of this length allows':
    '이 길이의 대화에 허용된 것보다 많은 글을 만듭니다.',
  'it takes more steps than a conversation of this length allows':
    '이 길이의 대화에 허용된 것보다 많은 단계를 거칩니다.',
  'nested more than % deep': '{1}단계보다 깊이 겹쳐 있습니다.',
  'only the names of a namespace can be set': 'namespace의 이름에만 값을 넣을 수 있습니다.',
  'the step of a slice is 0': '슬라이스의 간격이 0입니다.',
  "there is no % '%'": "{1} '{2}': 없습니다.",
  'the model has no chat template': '모델에 채팅 템플릿이 없습니다.',
  'the chat template writes a NUL character': '채팅 템플릿이 NUL 문자를 씁니다.',
  'the chat template is not well-formed UTF-8': '채팅 템플릿이 올바른 UTF-8이 아닙니다.',
  'the chat template refuses the conversation: %': '채팅 템플릿이 대화를 거부합니다: {1}',
  'the variables of a chat template are not a JSON object':
    '채팅 템플릿의 변수가 JSON 객체가 아닙니다.',
};
