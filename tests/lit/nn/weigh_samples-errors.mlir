// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%arg0: tensor<4x1xf32>, %arg1: tensor<4x1xf32>) {
  // expected-error@+1 {{weights must be [N], found 'tensor<4x1xf32>'}}
  %0 = nn.weigh_samples %arg0, %arg1 : tensor<4x1xf32>
  return
}
