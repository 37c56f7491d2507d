// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @pivot(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<5xf32>, %arg2: tensor<3xf32>, %arg3: tensor<3xf32>) {
  // expected-error@+2 {{pivot must have one value for each channel}}
  // expected-error@+1 {{'nn.batch_norm_statistics_bwd' op failed to infer returned types}}
  %0 = nn.batch_norm_statistics_bwd %arg0, %arg1, %arg2, %arg3 : tensor<2x4x4x3xf32>, tensor<5xf32>, tensor<3xf32>, tensor<3xf32> -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @diff_sum(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<5xf32>, %arg3: tensor<3xf32>) {
  // expected-error@+2 {{diff_sum must have one value for each channel}}
  // expected-error@+1 {{'nn.batch_norm_statistics_bwd' op failed to infer returned types}}
  %0 = nn.batch_norm_statistics_bwd %arg0, %arg1, %arg2, %arg3 : tensor<2x4x4x3xf32>, tensor<3xf32>, tensor<5xf32>, tensor<3xf32> -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @diff_sum_of_squares(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>, %arg3: tensor<5xf32>) {
  // expected-error@+2 {{diff_sum_of_squares must have one value for each channel}}
  // expected-error@+1 {{'nn.batch_norm_statistics_bwd' op failed to infer returned types}}
  %0 = nn.batch_norm_statistics_bwd %arg0, %arg1, %arg2, %arg3 : tensor<2x4x4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<5xf32> -> tensor<2x4x4x3xf32>
  return
}
