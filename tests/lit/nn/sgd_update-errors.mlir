// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rate(%p: tensor<10xf32>, %g: tensor<10xf32>, %lr: tensor<1xf64>) {
  // expected-error@+1 {{'nn.sgd_update' op learning_rate must be a scalar}}
  %0 = nn.sgd_update %p, %g, %lr {momentum = 0.0 : f64, nesterov = false} : (tensor<10xf32>, tensor<10xf32>, tensor<1xf64>) -> tensor<10xf32>
  return
}

// -----

func.func @slot_too_few(%p: tensor<10xf32>, %g: tensor<10xf32>, %lr: tensor<f64>) {
  // expected-error@+1 {{with these attributes it has 1 slot, found 0 old and 0 new}}
  %0 = nn.sgd_update %p, %g, %lr {momentum = 0.9 : f64, nesterov = false} : (tensor<10xf32>, tensor<10xf32>, tensor<f64>) -> tensor<10xf32>
  return
}

// -----

func.func @slot_shape(%p: tensor<10xf32>, %g: tensor<10xf32>, %m: tensor<5xf32>, %lr: tensor<f64>) {
  // expected-error@+1 {{slots must have the parameter's type}}
  %0, %1 = nn.sgd_update %p, %g, %m, %lr {momentum = 0.9 : f64, nesterov = false} : (tensor<10xf32>, tensor<10xf32>, tensor<5xf32>, tensor<f64>) -> (tensor<10xf32>, tensor<5xf32>)
  return
}
