// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%g: tensor<7xf32>, %s: tensor<7xf64>) {
  // expected-error@+1 {{'nn.scale_by' op scale must be a scalar}}
  %0 = nn.scale_by %g, %s : tensor<7xf32>, tensor<7xf64>
  return
}
