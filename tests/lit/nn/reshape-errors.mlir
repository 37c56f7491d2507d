// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @elements(%arg0: tensor<2x6xf32>) {
  // expected-error@+1 {{'nn.reshape' op must keep the element type and number, and dimension 0 or a multiple or part of it, found 'tensor<2x6xf32>' -> 'tensor<2x5xf32>'}}
  %0 = nn.reshape %arg0 : tensor<2x6xf32> -> tensor<2x5xf32>
  return
}

// -----

func.func @samples(%arg0: tensor<2x6xf32>) {
  // expected-error@+1 {{'nn.reshape' op must keep the element type and number, and dimension 0 or a multiple or part of it, found 'tensor<2x6xf32>' -> 'tensor<3x4xf32>'}}
  %0 = nn.reshape %arg0 : tensor<2x6xf32> -> tensor<3x4xf32>
  return
}

// -----

func.func @element_type(%arg0: tensor<2x6xf32>) {
  // expected-error@+1 {{'nn.reshape' op must keep the element type and number, and dimension 0 or a multiple or part of it, found 'tensor<2x6xf32>' -> 'tensor<2x6xf64>'}}
  %0 = nn.reshape %arg0 : tensor<2x6xf32> -> tensor<2x6xf64>
  return
}

// -----

func.func @scalar(%arg0: tensor<1xf32>) {
  // expected-error@+1 {{'nn.reshape' op must keep the element type and number, and dimension 0 or a multiple or part of it, found 'tensor<1xf32>' -> 'tensor<f32>'}}
  %0 = nn.reshape %arg0 : tensor<1xf32> -> tensor<f32>
  return
}
