// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @type(%g: tensor<7xf32>) {
  // expected-error@+1 {{'nn.clip_value' op requires the same type for all operands and results}}
  %0 = "nn.clip_value"(%g) {limit = 0.5 : f64} : (tensor<7xf32>) -> tensor<6xf32>
  return
}
