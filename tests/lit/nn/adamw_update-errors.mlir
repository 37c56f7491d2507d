// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @iteration(%p: tensor<10xf32>, %g: tensor<10xf32>, %m: tensor<10xf32>, %v: tensor<10xf32>, %lr: tensor<f64>, %t: tensor<1xi64>) {
  // expected-error@+1 {{'nn.adamw_update' op iteration must be a scalar}}
  %0, %1, %2 = nn.adamw_update %p, %g, %m, %v, %lr, %t {beta_1 = 0.9 : f64, beta_2 = 0.99 : f64, epsilon = 1.0e-7 : f64, weight_decay = 0.004 : f64} : (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<f64>, tensor<1xi64>) -> (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>)
  return
}

// -----

func.func @slots(%p: tensor<10xf32>, %g: tensor<10xf32>, %m: tensor<10xf32>, %lr: tensor<f64>, %t: tensor<i64>) {
  // expected-error@+1 {{with these attributes it has 2 slots, found 1 old and 1 new}}
  %0, %1 = nn.adamw_update %p, %g, %m, %lr, %t {beta_1 = 0.9 : f64, beta_2 = 0.99 : f64, epsilon = 1.0e-7 : f64, weight_decay = 0.004 : f64} : (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<f64>, tensor<i64>) -> (tensor<10xf32>, tensor<10xf32>)
  return
}
