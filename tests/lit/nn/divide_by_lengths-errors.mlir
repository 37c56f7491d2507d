// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @lengths(%arg0: tensor<2x3xf32>, %arg1: tensor<2x1xi32>) {
  // expected-error@+2 {{lengths must have one number for each of the samples of src}}
  // expected-error@+1 {{'nn.divide_by_lengths' op failed to infer returned types}}
  %0 = nn.divide_by_lengths %arg0, %arg1 {factor = 5.000000e+00 : f64} : tensor<2x3xf32>, tensor<2x1xi32> -> tensor<2x3xf32>
  return
}
