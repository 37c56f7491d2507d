// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%a: tensor<1xf64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{squares must be scalars, found 'tensor<1xf64>'}}
  %0 = nn.clip_scale %a {limit = 1.0 : f64} : tensor<1xf64> -> tensor<f64>
  return
}
