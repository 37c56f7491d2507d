// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @lengths(%arg0: tensor<2x5x3xf32>, %arg1: tensor<2x1xi32>) {
  // expected-error@+2 {{lengths must have one number for each of the samples of src}}
  // expected-error@+1 {{'nn.rescale_windows' op failed to infer returned types}}
  %0 = nn.rescale_windows %arg0, %arg1 {pad = 1 : i64, steps = 9 : i64, stride = 2 : i64, window = 3 : i64} : tensor<2x5x3xf32>, tensor<2x1xi32> -> tensor<2x5x3xf32>
  return
}

// -----

func.func @stride(%arg0: tensor<2x5x3xf32>, %arg1: tensor<2xi32>) {
  // expected-error@+2 {{steps, window and stride must be positive, found 9, 3 and 0}}
  // expected-error@+1 {{'nn.rescale_windows' op failed to infer returned types}}
  %0 = nn.rescale_windows %arg0, %arg1 {pad = 1 : i64, steps = 9 : i64, stride = 0 : i64, window = 3 : i64} : tensor<2x5x3xf32>, tensor<2xi32> -> tensor<2x5x3xf32>
  return
}
