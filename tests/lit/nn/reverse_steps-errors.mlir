// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%arg0: tensor<4x8xf32>) {
  // expected-error@+1 {{src must be [N,T,F], found 'tensor<4x8xf32>'}}
  %0 = nn.reverse_steps %arg0 : tensor<4x8xf32>
  return
}
