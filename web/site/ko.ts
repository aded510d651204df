/** The words around the experiment on the site's own page, in Korean. */
import type { SiteWords } from './en.ts';

export const ko: SiteWords = {
  title: 'bitloss: 양자화가 잃는 것을 눈으로',
  header: {
    tagline: '양자화가 잃는 것을 눈으로',
    lead: '작은 언어 모델을 눈앞에서 양자화해 나란히 비교합니다. 크기, 오차, 그리고 각 버전이 쓰는 글까지.',
    privacy: '모든 일이 이 탭 안에서 일어납니다. 아무것도 업로드하지 않습니다.',
    language: '언어',
    theme: '테마',
    themes: { auto: '시스템', light: '밝게', dark: '어둡게' },
  },
  footer: {
    lessons: '양자화 수업 두 편: 주장마다 실험으로',
    embed: '이 실험을 내 페이지에 넣기',
    method:
      'MLX, llama.cpp, PyTorch, bitsandbytes 형식의 코드, 스케일, 크기는 그 라이브러리들이 쓰는 것과 바이트까지 같고, 교과서 형식은 이 페이지가 만든 것입니다. 활성화 값은 부동소수점 그대로 두므로 여기 보이는 것은 가중치에서 생긴 손실뿐이며, @int8이 붙은 레시피만은 활성화 값을 반올림한 손실까지 함께 보입니다.',
  },
};
