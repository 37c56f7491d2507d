// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @steps(%g: tensor<7xf32>, %a: tensor<7xf32>, %t: tensor<i64>) {
  // expected-error@+1 {{'nn.accumulate' op steps must be at least 2, found 1}}
  %0 = nn.accumulate %g, %a, %t {steps = 1 : i64} : tensor<7xf32>, tensor<i64>
  return
}

// -----

func.func @iteration(%g: tensor<7xf32>, %a: tensor<7xf32>, %t: tensor<1xi64>) {
  // expected-error@+1 {{'nn.accumulate' op iteration must be a scalar}}
  %0 = nn.accumulate %g, %a, %t {steps = 2 : i64} : tensor<7xf32>, tensor<1xi64>
  return
}
