// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%arg0: tensor<4x6x2xf32>, %arg1: tensor<4x6x2xf32>) {
  // expected-error@+2 {{src must be [N,values], found 'tensor<4x6x2xf32>'}}
  // expected-error@+1 {{'nn.hinge' op failed to infer returned types}}
  %0 = nn.hinge %arg0, %arg1 : tensor<4x6x2xf32> -> tensor<4xf32>
  return
}

// -----

func.func @mean(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<4xf32>' are incompatible with return type(s) of operation 'tensor<f32>'}}
  // expected-error@+1 {{'nn.hinge' op failed to infer returned types}}
  %0 = nn.hinge %arg0, %arg1 : tensor<4x6xf32> -> tensor<f32>
  return
}

// -----

func.func @targets(%arg0: tensor<4x6xf32>, %arg1: tensor<4x5xf32>) {
  // expected-error@+1 {{'nn.hinge' op failed to verify that all of {src, targets} have same type}}
  %0 = "nn.hinge"(%arg0, %arg1)  : (tensor<4x6xf32>, tensor<4x5xf32>) -> tensor<4xf32>
  return
}
