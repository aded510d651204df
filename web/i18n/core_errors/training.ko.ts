/** What can be wrong with training a model, in Korean, by the core's own sentence: index.ts says how. */
export const training: Readonly<Record<string, string>> = {
  'a step needs at least one target to learn from': '한 단계에 배울 토큰이 하나는 있어야 합니다.',
  "method '%' learns from the whole model's predictions, which is not done here: convert and compare do it":
    "'{1}'은(는) 모델 전체의 예측에서 배우는 방법이라 여기서는 쓸 수 없습니다. convert와 compare 명령에서 쓸 수 있습니다.",
  "'+dwq' and '+distill' learn only models of the Llama family: %":
    "'+dwq'와 '+distill'은 Llama 계열 모델만 배우게 할 수 있습니다: {1}",
  'out of memory: learning takes % MB beside the model and its original':
    '메모리가 모자랍니다. 배우려면 모델과 원본 말고도 {1}MB가 필요합니다.',
  'the calibration text is one document of up to % tokens, expected more: a part of it is held out, to see what learning has gained':
    '보정 텍스트가 토큰 {1}개 이하의 문서 하나입니다. 배워서 얻은 것을 확인하려고 일부를 떼어 두므로 더 길어야 합니다.',
  "step % of learning: the divergence is %: the model's predictions are not finite on the calibration text":
    '학습 {1}번째 단계에서 발산값이 {2}입니다. 보정 텍스트에서 모델의 예측이 유한한 수가 아닙니다.',
  "the models' predictions are not finite on the calibration text: nothing can be learned from them":
    '보정 텍스트에서 모델의 예측이 유한한 수가 아니어서 배울 수 있는 것이 없습니다.',
  "step %: the loss is % and the gradient's length %: training has diverged; a lower learning rate or a longer warm-up may keep it from that":
    '{1}번째 단계에서 손실이 {2}, 기울기의 길이가 {3}이 되어 학습이 발산했습니다. 학습률을 낮추거나 워밍업을 늘리면 막을 수 있습니다.',
  "training through the rounding of '%' is not possible: its codes do not stand on a grid that a group has for itself":
    "'{1}' 형식의 반올림으로는 학습할 수 없습니다. 그룹마다 따로 갖는 격자 위에 코드가 놓이는 형식이 아닙니다.",
  "'%' quantizes nothing of this model: no matrix has rows that its groups divide":
    "'{1}' 레시피로는 이 모델에서 양자화되는 것이 없습니다. 행의 길이가 그룹으로 나누어지는 행렬이 없습니다.",
  "training goes through the rounding that a format has by itself: leave out the methods, which are after a '+'":
    "학습은 형식 자체의 반올림을 거칩니다. '+' 뒤의 방법을 빼세요.",
  "the model has % layers, the recipe's config.json %":
    '모델의 층은 {1}개인데 레시피의 config.json에는 {2}개로 되어 있습니다.',
  "the model has an output matrix of its own, the recipe's config.json says that it is the embedding":
    '모델에는 출력 행렬이 따로 있는데, 레시피의 config.json에는 임베딩과 같다고 되어 있습니다.',
  "the model's output matrix is the embedding, the recipe's config.json says that it is one of its own":
    '모델의 출력 행렬은 임베딩과 같은데, 레시피의 config.json에는 따로 있다고 되어 있습니다.',
  "the model's rope_scaling is not that of the recipe's config.json: its weights would mean something else":
    '모델의 rope_scaling이 레시피의 config.json과 달라 가중치의 뜻이 달라집니다.',
  "the model has it, the recipe's config.json does not":
    '모델에는 있지만 레시피의 config.json에는 없습니다.',
  'the checkpoint is of a run that learned something else: give the recipe that weights were rounded by, and the teacher, as it was begun with':
    '체크포인트가 다른 것을 배우던 학습의 것입니다. 시작할 때와 같은 반올림 레시피와 교사 모델을 주세요.',
  'a checkpoint can be written between two steps, not within one':
    '체크포인트는 단계와 단계 사이에만 쓸 수 있습니다.',
  'writing the checkpoint was stopped': '체크포인트 쓰기를 멈췄습니다.',
  'this is not a checkpoint of bitloss': 'bitloss의 체크포인트가 아닙니다.',
  'the checkpoint is of another model: % layers of width %, expected % of %, or other sizes differ':
    '체크포인트가 다른 모델의 것입니다. 너비 {2}인 층 {1}개이고, 너비 {4}인 층 {3}개여야 하거나 다른 크기가 맞지 않습니다.',
  'the checkpoint has % bytes, expected %': '체크포인트가 {1}바이트입니다. {2}바이트여야 합니다.',
  'the checkpoint is of step %, expected 0 or more':
    '체크포인트의 단계가 {1}입니다. 0 이상이어야 합니다.',
  "the weights' type is none, expected f32, f16 or bf16":
    '가중치의 형식이 없습니다. f32, f16, bf16 가운데 하나여야 합니다.',
  'writing the weights was stopped': '가중치 쓰기를 멈췄습니다.',
  'out of memory: training with % sequences of % tokens at a time needs % MB; take fewer at a time':
    '메모리가 모자랍니다. 토큰 {2}개짜리 시퀀스를 한 번에 {1}개 학습하려면 {3}MB가 필요합니다. 한 번에 더 적게 하세요.',
  "config.json: the model has %, which can't be trained":
    'config.json: 학습할 수 없는 구조가 모델에 있습니다: {1}.',
  'the context is % tokens, expected 1 to % (max_position_embeddings)':
    '컨텍스트가 토큰 {1}개입니다. 1~{2}개여야 합니다(max_position_embeddings).',
  'the context is % tokens, expected 1 or more':
    '컨텍스트가 토큰 {1}개입니다. 1개 이상이어야 합니다.',
  "% sequences of % tokens can't go through together":
    '토큰 {2}개짜리 시퀀스 {1}개를 한 번에 처리할 수 없습니다.',
  "the optimizer's settings are out of range: rates, steps, weight decay, norm and deviation are 0 or more, betas from 0 to below 1, epsilon above 0":
    '최적화 설정이 범위를 벗어났습니다. 학습률, 단계, 가중치 감쇠, 노름, 표준편차는 0 이상, 베타는 0 이상 1 미만, 엡실론은 0보다 커야 합니다.',
  "there are no training kernels '%' on this machine":
    "이 기기에는 학습 커널 '{1}'을(를) 쓸 수 없습니다.",
  "the teacher's vocabulary has % tokens, the model's %: it must be another model of the same tokens":
    '교사 모델의 어휘는 토큰 {1}개, 모델은 {2}개입니다. 같은 토큰을 쓰는 다른 모델이어야 합니다.',
  'the teacher takes % sequences of % tokens, expected % of %, on the same threads':
    '교사 모델이 토큰 {2}개짜리 시퀀스 {1}개를 받습니다. 같은 스레드에서 토큰 {4}개짜리 {3}개여야 합니다.',
  "the model has % heads, rope_theta % and rms_norm_eps %, and the recipe's config.json %, % and %: its weights would mean something else":
    '모델은 헤드 {1}개, rope_theta {2}, rms_norm_eps {3}인데 레시피의 config.json은 {4}, {5}, {6}입니다. 가중치의 뜻이 달라집니다.',
  "the model's is % x %, the recipe's config.json expects % x %":
    '모델의 행렬은 {1} x {2}인데 레시피의 config.json에 따르면 {3} x {4}여야 합니다.',
  'the batch has % sequences, expected 1 to %': '배치의 시퀀스가 {1}개입니다. 1~{2}개여야 합니다.',
  'token % has id %, expected 0 to %': '{1}번째 토큰의 번호가 {2}입니다. 0~{3}이어야 합니다.',
  'target % is %, expected -1 to %': '{1}번째 목표가 {2}입니다. -1~{3}이어야 합니다.',
  'start % is %, expected % to %': '{1}번째 시작 위치가 {2}입니다. {3}~{4}여야 합니다.',
  'The text has % documents, expected some to train on and some to hold out':
    '글에 문서가 {1}개입니다. 학습할 문서와 평가용 문서가 모두 있어야 합니다.',
  "'%' rounds no weights alone: training goes through the rounding of weights":
    "'{1}' 레시피는 가중치만 반올림하지 않습니다. 학습은 가중치의 반올림을 거칩니다.",
  'sequence % is not held out': '{1}번 시퀀스는 평가용이 아닙니다.',
};
