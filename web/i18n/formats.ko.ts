/** What the menu says of each number format, in Korean. */
import type { families as familiesEn, kinds as kindsEn } from './formats.en.ts';

export const families: Record<keyof typeof familiesEn, string> = {
  mlx: 'MLX',
  'mlx-mixture': 'MLX 혼합',
  ggml: 'llama.cpp (GGML)',
  'ggml-mixture': 'llama.cpp 파일',
  torch: 'PyTorch',
  bitsandbytes: 'bitsandbytes',
  plain: '교과서',
  float: '부동소수점',
};

const mixed = (low: number, high: number) =>
  `그룹별 정수로, 대부분의 행렬은 ${low}비트, 출력 행렬과 양 끝 층 및 세 층에 한 번꼴의 value · down 투영은 ${high}비트. mlx_lm에 준비된 레시피입니다.`;
const fileOf = (base: string) =>
  `llama.cpp로 양자화할 때 ${base} 형식을 고르면 나오는 파일. 거의 모든 행렬이 그 형식이고, 출력 행렬은 Q6_K입니다.`;

export const kinds: typeof kindsEn = {
  affine: {
    name: '그룹별 정수',
    title: (bits) => `${bits}비트 정수`,
    about:
      '정수 코드에, 이웃한 가중치 그룹마다 스케일과 바이어스 하나씩. 애플 컴퓨터에서 모델을 돌리는 MLX가 늘 쓰는 형식입니다.',
  },
  mxfp4: {
    name: 'MXFP4',
    about:
      '4비트 부동소수점에, 가중치 32개마다 2의 거듭제곱 하나. 공개 표준 Microscaling을 따른 새 하드웨어용 형식으로, gpt-oss가 이 형식으로 공개됐습니다. MLX의 배치로 담습니다.',
  },
  mxfp8: {
    name: 'MXFP8',
    about:
      '8비트 부동소수점에, 가중치 32개마다 2의 거듭제곱 하나. MXFP4보다 정밀한 형식으로, 유난히 큰 가중치가 몇 개 있을 때 좋습니다. MLX의 배치로 담습니다.',
  },
  nvfp4: {
    name: 'NVFP4',
    about:
      '4비트 부동소수점에, 가중치 16개마다 8비트 부동소수점 스케일 하나. 엔비디아 블랙웰 프로세서가 바로 계산하는 형식입니다. MLX의 배치로 담습니다.',
  },
  nvfp4_tensor: {
    name: 'NVFP4 + 행렬 스케일',
    about:
      'NVFP4에 행렬 전체의 스케일을 하나 더해, 작은 스케일들을 정밀한 범위로 옮깁니다. 엔비디아가 정의한 그대로입니다.',
  },
  mixed_2_6: { name: '혼합, 2비트와 6비트', about: mixed(2, 6) },
  mixed_3_4: { name: '혼합, 3비트와 4비트', about: mixed(3, 4) },
  mixed_3_6: { name: '혼합, 3비트와 6비트', about: mixed(3, 6) },
  mixed_4_6: { name: '혼합, 4비트와 6비트', about: mixed(4, 6) },
  q4_0: {
    name: 'Q4_0',
    about:
      '가중치마다 4비트, 32개마다 16비트 스케일 하나, 0이 가운데. llama.cpp에서 가장 단순하고 계산이 빠른 형식입니다.',
  },
  q4_1: {
    name: 'Q4_1',
    about:
      'Q4_0에 32개마다 오프셋을 하나 더해, 0을 중심으로 고르지 않은 가중치에도 맞춥니다. 오래된 GGUF 파일에서 만나는 형식입니다.',
  },
  q5_0: {
    name: 'Q5_0',
    about:
      'Q4_0에 다섯 번째 비트를 더해 간격을 절반으로 줄입니다. 행의 길이가 256의 배수가 아니면 llama.cpp가 Q4_K 대신 씁니다.',
  },
  q5_1: {
    name: 'Q5_1',
    about:
      'Q4_1에 다섯 번째 비트를 더해 간격을 절반으로 줄입니다. 행의 길이가 256의 배수가 아니면 llama.cpp가 Q5_K 대신 씁니다.',
  },
  q8_0: {
    name: 'Q8_0',
    about:
      '가중치마다 부호 있는 1바이트, 32개마다 16비트 스케일 하나. 16비트 모델의 절반 크기에 원본과 아주 가까워, llama.cpp 사용자들이 원본 삼아 보관합니다.',
  },
  q2_k: {
    name: 'Q2_K',
    about:
      '256개 블록 안에 가중치마다 2비트, 16개마다 4비트 스케일과 오프셋. 다른 방법으로는 메모리에 들어가지 않는 모델을 위한 llama.cpp의 형식입니다.',
  },
  q3_k: {
    name: 'Q3_K',
    about:
      '256개 블록 안에 가중치마다 3비트, 16개마다 6비트 스케일. Q2_K와 Q4_K 사이에 있는 llama.cpp의 형식입니다.',
  },
  q4_k: {
    name: 'Q4_K',
    about:
      '256개 블록 안에 가중치마다 4비트, 32개마다 6비트 스케일과 오프셋. llama.cpp에서 가장 흔히 고르는 Q4_K_M의 바탕입니다.',
  },
  q5_k: {
    name: 'Q5_K',
    about:
      'Q4_K에 다섯 번째 비트를 더해 간격을 절반으로 줄입니다. 메모리에 여유가 있는 사람이 고르는 Q5_K_M의 바탕입니다.',
  },
  q6_k: {
    name: 'Q6_K',
    about:
      '256개 블록 안에 가중치마다 6비트, 16개마다 8비트 스케일. llama.cpp가 손실에 가장 민감한 행렬을 담는 형식입니다.',
  },
  iq4_nl: {
    name: 'IQ4_NL',
    about:
      '4비트로 간격이 고르지 않은 값 16개 가운데 하나를 고르고(0 근처가 촘촘합니다), 32개마다 16비트 스케일 하나. Q4_0과 같은 크기로 더 가깝게 맞추는 llama.cpp의 형식입니다.',
  },
  mxfp4_ggml: {
    name: 'MXFP4 (GGML)',
    about:
      '4비트 부동소수점에, 가중치 32개마다 2의 거듭제곱 하나. 배치와 스케일 고르는 법이 llama.cpp의 것으로, GGUF 파일이 gpt-oss를 담는 방식입니다.',
  },
  q2_k_file: {
    name: 'Q2_K 파일',
    about:
      'llama.cpp로 양자화할 때 Q2_K를 고르면 나오는 파일. 대부분 Q2_K, value · down 투영과 어텐션 출력은 Q3_K나 Q4_K, 출력 행렬은 Q6_K입니다.',
  },
  q3_k_s: {
    name: 'Q3_K_S',
    about:
      '작은 파일(S): 출력 행렬만 Q6_K이고 나머지는 모두 Q3_K. llama.cpp의 3비트 파일 셋 가운데 가장 작습니다.',
  },
  q3_k_m: {
    name: 'Q3_K_M',
    about:
      '중간 파일(M): Q3_K에, value · down 투영과 어텐션 출력은 Q4_K와 Q5_K. llama.cpp의 3비트 파일 가운데 보통 고르는 것입니다.',
  },
  q3_k_l: {
    name: 'Q3_K_L',
    about:
      '큰 파일(L): Q3_K에, value · down 투영과 어텐션 출력은 Q5_K. llama.cpp의 3비트 파일 가운데 가장 큽니다.',
  },
  q4_k_s: {
    name: 'Q4_K_S',
    about: '작은 파일(S): Q4_K에, 처음 몇 층의 value · down 투영은 Q5_K. Q4_K_M보다 조금 작습니다.',
  },
  q4_k_m: {
    name: 'Q4_K_M',
    about:
      '중간 파일(M): Q4_K에, value · down 투영의 절반과 출력 행렬은 Q6_K. 집에서 llama.cpp, Ollama, LM Studio로 돌릴 때 대부분이 고르는 것입니다.',
  },
  q5_k_s: {
    name: 'Q5_K_S',
    about: '작은 파일(S): 출력 행렬만 Q6_K이고 나머지는 모두 Q5_K. Q5_K_M보다 조금 작습니다.',
  },
  q5_k_m: {
    name: 'Q5_K_M',
    about:
      '중간 파일(M): Q5_K에, value · down 투영의 절반과 출력 행렬은 Q6_K. Q4_K_M이 거칠게 느껴지는 사람을 위한 것입니다.',
  },
  q6_k_file: {
    name: 'Q6_K 파일',
    about:
      'llama.cpp로 양자화할 때 Q6_K를 고르면 나오는 파일. 행의 길이가 맞는 행렬은 모두 Q6_K, 나머지는 Q8_0입니다.',
  },
  iq4_nl_file: {
    name: 'IQ4_NL 파일',
    about:
      'llama.cpp로 양자화할 때 IQ4_NL을 고르면 나오는 파일. 대부분 IQ4_NL, 몇몇은 Q5_K, 출력 행렬은 Q6_K입니다.',
  },
  q4_0_file: { name: 'Q4_0 파일', about: fileOf('Q4_0') },
  q4_1_file: { name: 'Q4_1 파일', about: fileOf('Q4_1') },
  q5_0_file: { name: 'Q5_0 파일', about: fileOf('Q5_0') },
  q5_1_file: { name: 'Q5_1 파일', about: fileOf('Q5_1') },
  q8_0_file: {
    name: 'Q8_0 파일',
    about: 'llama.cpp로 양자화할 때 Q8_0을 고르면 나오는 파일. 출력 행렬까지 모두 그 형식입니다.',
  },
  int8: {
    name: 'int8, 행마다',
    about:
      '가중치마다 부호 있는 1바이트, 행렬의 행마다 스케일 하나. PyTorch 모델을 가장 단순하게 절반으로 줄이는 torchao의 int8 가중치 형식입니다.',
  },
  int4: {
    name: 'int4, 그룹마다',
    about:
      '가중치마다 4비트, 이웃한 그룹마다 스케일과 영점 하나씩. 그래픽카드에서 PyTorch로 돌릴 때 쓰는 torchao의 int4 가중치 형식입니다.',
  },
  qint8: {
    name: 'qint8, 행렬마다',
    about:
      '가중치마다 부호 있는 1바이트, 행렬 전체에 스케일 하나. PyTorch에 들어 있는 동적 양자화로, 큰 가중치 하나가 전체를 망칠 수 있습니다.',
  },
  nf4: {
    name: 'NF4',
    about:
      '4비트로 종 모양 분포에 맞춰 놓은 값 16개 가운데 하나를 고르고, 64개마다 32비트 스케일 하나. 큰 모델을 그래픽카드 한 장으로 미세 조정하는 QLoRA의 형식입니다.',
  },
  nf4_double: {
    name: 'NF4, 이중',
    about:
      'NF4의 스케일까지 8비트로 한 번 더 양자화합니다. QLoRA가 학습에 쓰는 bitsandbytes의 이중 양자화입니다.',
  },
  tensor: {
    name: '행렬마다 스케일 하나',
    title: (bits) => `${bits}비트, 스케일 하나`,
    about:
      '0의 양쪽으로 고르게 놓은 값에, 행렬 전체의 스케일 하나. 모든 교과서의 첫 예제로, 큰 가중치 하나가 모든 간격을 거칠게 만듭니다.',
  },
  tensor_asym: {
    name: '행렬마다, 비대칭',
    title: (bits) => `${bits}비트, 스케일 하나, 비대칭`,
    about:
      '행렬의 가장 작은 가중치부터 가장 큰 가중치까지 고르게 놓은 값에, 0의 자리를 알려 주는 영점. 한쪽으로 치우친 가중치에 대한 교과서의 답입니다.',
  },
  channel: {
    name: '행마다 스케일 하나',
    title: (bits) => `${bits}비트, 행마다 스케일`,
    about:
      '0의 양쪽으로 고르게 놓은 값에, 행렬의 행마다 스케일 하나. 큰 가중치에 대한 교과서의 처방으로, 이제 자기 행만 거칠어집니다.',
  },
  channel_asym: {
    name: '행마다, 비대칭',
    title: (bits) => `${bits}비트, 행마다 스케일, 비대칭`,
    about:
      '행마다 가장 작은 가중치부터 가장 큰 가중치까지 고르게 놓은 값에, 행마다 영점 하나. 그룹으로 나누기 전, 교과서에서 가장 고운 눈금입니다.',
  },
  bf16: {
    name: 'bfloat16',
    about:
      '범위는 32비트와 같고 유효 비트는 8개인 16비트 부동소수점. 대부분의 언어 모델이 이 형식으로 학습되고 공개됩니다.',
  },
  f16: {
    name: 'float16',
    about:
      '유효 비트가 11개이고 범위가 좁은 16비트 부동소수점. 그래픽카드와 GGUF 파일이 양자화하지 않은 가중치에 오래 써 온 형식입니다.',
  },
  f32: {
    name: 'float32',
    about:
      '가중치마다 32비트 부동소수점 수 하나. 공개된 모든 모델을 정확히 담지만, 대부분의 모델보다 두 배 큽니다.',
  },
};
