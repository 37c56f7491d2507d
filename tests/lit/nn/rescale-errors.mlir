// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @type(%arg0: tensor<2x3xui8>) {
  // expected-error@+2 {{inferred type(s) 'tensor<2x3xf64>' are incompatible with return type(s) of operation 'tensor<2x3xf32>'}}
  // expected-error@+1 {{'nn.rescale' op failed to infer returned types}}
  %0 = nn.rescale %arg0 {offset = 0.000000e+00 : f64, scale = 0.0039215686274509803 : f64, type = f64} : tensor<2x3xui8> -> tensor<2x3xf32>
  return
}

// -----

func.func @shape(%arg0: tensor<2x3xui8>) {
  // expected-error@+2 {{inferred type(s) 'tensor<2x3xf32>' are incompatible with return type(s) of operation 'tensor<2x4xf32>'}}
  // expected-error@+1 {{'nn.rescale' op failed to infer returned types}}
  %0 = nn.rescale %arg0 {offset = 0.000000e+00 : f64, scale = 0.0039215686274509803 : f64, type = f32} : tensor<2x3xui8> -> tensor<2x4xf32>
  return
}

// -----

func.func @to_integers(%arg0: tensor<2x3xui8>) {
  // expected-error@+1 {{result #0 must be statically shaped tensor of 32-bit float or 64-bit float values, but got 'tensor<2x3xi32>'}}
  %0 = nn.rescale %arg0 {offset = 0.000000e+00 : f64, scale = 0.0039215686274509803 : f64, type = i32} : tensor<2x3xui8> -> tensor<2x3xi32>
  return
}

// -----

func.func @from_signed(%arg0: tensor<2x3xi8>) {
  // expected-error@+1 {{operand #0 must be statically shaped tensor of 8-bit unsigned integer or 32-bit float or 64-bit float values}}
  %0 = nn.rescale %arg0 {offset = 0.000000e+00 : f64, scale = 0.0039215686274509803 : f64, type = f32} : tensor<2x3xi8> -> tensor<2x3xf32>
  return
}
