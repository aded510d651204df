/** The words of the table of everything, in Korean. */
import type { TablePanelWords } from './en.ts';

export const ko: TablePanelWords = {
  lead: '비교군마다 한 줄, 이어서 ‘레시피별 크기와 손실’에서 측정한 레시피마다 한 줄입니다. 열 이름을 누르면 그 값에 따라 정렬합니다.',
  tableLabel: '모든 수치',
  sortBy: (column) => `이 순서로 정렬: ${column}`,
  notMeasured: '측정 안 함',
  otherText: '다른 글',
  nothing: '기준',
  swept: '레시피 측정',
  conditions: (model, text, n) => `${model}. 글: ${text}, 채점한 토큰 ${n}개.`,
  noText: (model) => `${model}. 아직 읽은 글이 없습니다.`,
  reading:
    '±는 표준오차 하나, 대괄호는 95% 구간입니다. KL 발산과 로짓은 기준과 견준 값이며, 발산의 단위는 토큰당 nat입니다.',
  copied:
    '터미널의 bitloss compare --format md, --format csv가 쓰는 형식 그대로 복사하므로 영어로 나옵니다. CSV에는 모든 자릿수가 들어갑니다.',
  bySkill: '능력별 정답률',
  skillLabel: '능력과 언어별 정답률',
  skill: '능력',
  language: '언어',
  items: '문제 수',
  languages: { en: '영어', ko: '한국어' },
  noQuestions: '아직 물은 문제가 없습니다. 문제는 ‘능력’에서 묻습니다.',
  toSkills: '능력 보기',
  noneListed: '이 모델에게 여기서 물을 수 있는 문제가 없습니다.',
};
