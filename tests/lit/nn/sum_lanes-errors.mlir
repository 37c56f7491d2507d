// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @scalar(%arg0: tensor<f32>) {
  // expected-error@+2 {{src must have a dimension of lanes}}
  // expected-error@+1 {{'nn.sum_lanes' op failed to infer returned types}}
  %0 = nn.sum_lanes %arg0 : tensor<f32> -> tensor<f32>
  return
}

// -----

func.func @result(%arg0: tensor<8x10xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<10xf32>' are incompatible with return type(s) of operation 'tensor<8xf32>'}}
  // expected-error@+1 {{'nn.sum_lanes' op failed to infer returned types}}
  %0 = nn.sum_lanes %arg0 : tensor<8x10xf32> -> tensor<8xf32>
  return
}
