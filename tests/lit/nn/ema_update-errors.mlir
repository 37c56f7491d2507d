// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @iteration(%p: tensor<10xf32>, %a: tensor<10xf32>, %t: tensor<2xi64>) {
  // expected-error@+1 {{'nn.ema_update' op iteration must be a scalar}}
  %0 = nn.ema_update %p, %a, %t {decay = 0.99 : f64} : tensor<10xf32>, tensor<2xi64>
  return
}
