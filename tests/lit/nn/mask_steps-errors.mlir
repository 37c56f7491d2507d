// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @lengths(%arg0: tensor<2x5x3xf32>, %arg1: tensor<3xi32>) {
  // expected-error@+2 {{lengths must have one number for each of the samples of src}}
  // expected-error@+1 {{'nn.mask_steps' op failed to infer returned types}}
  %0 = nn.mask_steps %arg0, %arg1 {value = 0.000000e+00 : f64} : tensor<2x5x3xf32>, tensor<3xi32> -> tensor<2x5x3xf32>
  return
}

// -----

func.func @steps(%arg0: tensor<2xf32>, %arg1: tensor<2xi32>) {
  // expected-error@+2 {{src must be [N,T,...], found}}
  // expected-error@+1 {{'nn.mask_steps' op failed to infer returned types}}
  %0 = nn.mask_steps %arg0, %arg1 {value = 0.000000e+00 : f64} : tensor<2xf32>, tensor<2xi32> -> tensor<2xf32>
  return
}

// -----

func.func @fill(%arg0: tensor<2x5x3xf32>, %arg1: tensor<2xi32>, %arg2: tensor<5xf32>) {
  // expected-error@+2 {{fill must have one value for each channel of src 'tensor<2x5x3xf32>', found 'tensor<5xf32>'}}
  // expected-error@+1 {{'nn.mask_steps' op failed to infer returned types}}
  %0 = nn.mask_steps %arg0, %arg1 fill %arg2 {value = 0.000000e+00 : f64} : tensor<2x5x3xf32>, tensor<2xi32>, tensor<5xf32> -> tensor<2x5x3xf32>
  return
}
