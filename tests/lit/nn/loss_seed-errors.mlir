// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @samples(%arg0: tensor<32xi32>) {
  // expected-error@+2 {{samples must be a scalar, found 'tensor<32xi32>'}}
  // expected-error@+1 {{'nn.loss_seed' op failed to infer returned types}}
  %0 = nn.loss_seed %arg0 {type = f32, weight = 1.000000e+00 : f64} : tensor<32xi32> -> tensor<f32>
  return
}

// -----

func.func @type(%arg0: tensor<i32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<f32>' are incompatible with return type(s) of operation 'tensor<f64>'}}
  // expected-error@+1 {{'nn.loss_seed' op failed to infer returned types}}
  %0 = nn.loss_seed %arg0 {type = f32, weight = 1.000000e+00 : f64} : tensor<i32> -> tensor<f64>
  return
}

// -----

func.func @integer(%arg0: tensor<i32>) {
  // expected-error@+1 {{result #0 must be statically shaped tensor of 32-bit float or 64-bit float values, but got 'tensor<i32>'}}
  %0 = nn.loss_seed %arg0 {type = i32, weight = 1.000000e+00 : f64} : tensor<i32> -> tensor<i32>
  return
}
