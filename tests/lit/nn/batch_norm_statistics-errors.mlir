// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @pivot(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<5xf32>) {
  // expected-error@+2 {{pivot must have one value for each channel}}
  // expected-error@+1 {{'nn.batch_norm_statistics' op failed to infer returned types}}
  %0, %1 = nn.batch_norm_statistics %arg0, %arg1 : tensor<2x4x4x3xf32>, tensor<5xf32> -> tensor<3xf32>, tensor<3xf32>
  return
}

// -----

func.func @results(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<3xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<3xf32>', 'tensor<3xf32>' are incompatible}}
  // expected-error@+1 {{'nn.batch_norm_statistics' op failed to infer returned types}}
  %0, %1 = nn.batch_norm_statistics %arg0, %arg1 : tensor<2x4x4x3xf32>, tensor<3xf32> -> tensor<5xf32>, tensor<3xf32>
  return
}
