/** The words of the page that writes snippets, in Korean. */
import type { BuilderWords } from './builder.en.ts';

export const ko: BuilderWords = {
  title: '내 페이지에 bitloss 넣기',
  lead: '독자가 볼 것을 고르고, 확인하고, 세 가지 코드 가운데 하나를 복사하세요. 업로드도 계정도 없습니다.',
  home: '실험으로 가기',
  choose: '고르기',
  model: '모델',
  modelHint: '목록의 모델, owner/name 같은 Hugging Face 저장소, 또는 주소.',
  lanes: '가중치당 비트 수',
  recipes: '다른 레시피 (쉼표로 구분)',
  view: '보여 줄 것',
  everything: '전부',
  language: '실험의 언어',
  readers: '독자의 설정',
  theme: '테마',
  themes: { '': '독자의 설정', light: '밝게', dark: '어둡게' },
  height: '높이 (픽셀)',
  manual: '버튼을 눌러야 시작',
  pageLanguage: '이 페이지의 언어',
  preview: '미리 보기',
  copyHeading: '복사하기',
  copy: '복사',
  copied: (name) => `복사했습니다: ${name}`,
  notCopied: '브라우저가 복사를 허락하지 않았습니다. 글을 선택해 직접 복사하세요.',
  ways: {
    tag: [
      '스크립트와 태그',
      '페이지의 요소가 됩니다. 페이지의 색을 따르고, 일어나는 일을 페이지의 스크립트에 알립니다.',
    ],
    frame: ['프레임', '페이지 안의 페이지. 다른 사이트의 스크립트를 쓸 수 없는 곳에 씁니다.'],
    link: ['링크', '메일, 슬라이드, 다른 것을 넣을 수 없는 페이지에 씁니다.'],
  },
  reference: '참고표',
  tables: [
    {
      heading: '속성',
      rows: [
        [
          'model',
          '목록의 id, huggingface.co의 owner/name, 또는 주소. 다른 사이트의 모델은 독자가 허락한 뒤에 받습니다.',
        ],
        ['lanes', '쉼표로 구분한 레시피: affine:8:64,affine:4:64'],
        [
          'prompt, raw, system, max, temp, seed',
          '이어 쓸 글, 채팅 템플릿을 쓰지 않으려면 1, 그 앞에 일러 둘 말, 최대 토큰 수, 온도, 시드',
        ],
        ['text, panels', '손실을 재는 글, 펼쳐 둘 패널'],
        ['lang, theme', 'en 또는 ko, auto · light · dark'],
        [
          'view',
          '보여 줄 패널, 쉼표로 구분: lanes,text. 패널마다 태그도 있습니다: <bitloss-lanes>',
        ],
        ['loading', 'lazy(기본값): 화면 가까이 오면 시작, eager: 바로 시작'],
        ['reveal', 'manual: 버튼을 누르거나 start()를 부르면 시작'],
        ['height', '픽셀 수 또는 길이. 기본값 560. auto는 내용만큼 늘어납니다'],
      ],
    },
    {
      heading: '프로퍼티와 메서드',
      rows: [
        ['model, lanes, …', '모든 속성이 그대로 프로퍼티입니다'],
        ['getState()', '지금 설정을 위의 낱말로 된 객체로'],
        ['setState(words)', '설정을 바꿉니다. 실험이 오기 전에도 됩니다. 빠진 것은 그대로 둡니다'],
        ['start()', '바로 시작'],
      ],
    },
    {
      heading: '이벤트 (섀도 루트 밖으로 올라옵니다)',
      rows: [
        ['bitloss-ready', '모델이 열림. detail: 낱말로 된 설정'],
        [
          'bitloss-progress',
          'detail: {work, fraction}. work는 download, read, quantize, measure, idle 중 하나',
        ],
        [
          'bitloss-result',
          'JSON으로 된 표: 비교군마다 크기, 가중치당 비트, 오차, 글, 퍼플렉시티, KL 발산, 맞힌 비율, 판정',
        ],
        ['bitloss-predict', 'detail: {guess, truth} (예상과 실제)'],
        ['bitloss-error', 'detail: {code, message, lane}. message는 독자의 언어로 된 문장'],
      ],
    },
    {
      heading: '프레임의 메시지',
      rows: [
        ['bitloss-height', '내 페이지로: {type, height}, 픽셀'],
        [
          'bitloss-ready, …',
          '내 페이지로: {type, detail}, 위의 이벤트. origin 매개변수가 가리키는 출처에만, 없으면 리퍼러의 출처에만 보냅니다',
        ],
        [
          'bitloss-set',
          '내 페이지에서: {type, state}, setState와 같습니다. 그 출처의 window.parent에서 온 것만 받고, 다른 출처에서 온 것은 코드가 origin인 bitloss-error로 거절합니다',
        ],
      ],
    },
    {
      heading: '::part()로 꾸밀 수 있는 부분',
      rows: [
        ['stage', '전체'],
        ['bits, size, verdict, text', '비교군의 비트 선택, 크기, 판정, 글'],
        ['reference', '손대지 않은 모델'],
      ],
    },
    {
      heading: '페이지에 콘텐츠 보안 정책(CSP)이 있다면 필요한 것',
      rows: [
        [
          '내 서버에 복사한 사이트',
          "script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; worker-src 'self'",
        ],
        [
          '이 사이트의 스크립트',
          "script-src SITE 'wasm-unsafe-eval'; connect-src SITE; worker-src blob: SITE",
        ],
        ['프레임', 'frame-src SITE'],
        ['huggingface.co의 모델', 'connect-src에 https://huggingface.co https://*.hf.co 추가'],
        [
          '코드의 style 속성',
          'unsafe-inline이 없으면 무시됩니다. 태그의 min-height를 페이지의 스타일 시트에 적으세요',
        ],
      ],
    },
  ],
  properties: '사용자 지정 속성: 색, 모서리, 글꼴',
};
