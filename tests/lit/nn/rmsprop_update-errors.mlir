// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @slots(%p: tensor<10xf32>, %g: tensor<10xf32>, %v: tensor<10xf32>, %lr: tensor<f64>) {
  // expected-error@+1 {{'nn.rmsprop_update' op with these attributes it has 3 slots, found 1 old and 1 new}}
  %0, %1 = nn.rmsprop_update %p, %g, %v, %lr {rho = 0.9 : f64, momentum = 0.9 : f64, epsilon = 1.0e-7 : f64, centered = true} : (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<f64>) -> (tensor<10xf32>, tensor<10xf32>)
  return
}

// -----

func.func @gradient(%p: tensor<10xf32>, %g: tensor<11xf32>, %v: tensor<10xf32>, %lr: tensor<f64>) {
  // expected-error@+1 {{failed to verify that all of {parameter, gradient, new_parameter} have same type}}
  %0, %1 = nn.rmsprop_update %p, %g, %v, %lr {rho = 0.9 : f64, momentum = 0.0 : f64, epsilon = 1.0e-7 : f64, centered = false} : (tensor<10xf32>, tensor<11xf32>, tensor<10xf32>, tensor<f64>) -> (tensor<10xf32>, tensor<10xf32>)
  return
}
