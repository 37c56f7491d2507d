// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @learning_rate(%arg0: tensor<10xf32>, %arg1: tensor<10xf32>, %arg2: tensor<10xf32>, %arg3: tensor<10xf32>, %arg4: tensor<1xf64>, %arg5: tensor<i64>) {
  // expected-error@+1 {{'nn.adam_update' op learning_rate and iteration must be scalars}}
  %0, %1, %2 = nn.adam_update %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {beta_1 = 9.000000e-01 : f64, beta_2 = 0.99899999999999999 : f64, epsilon = 9.9999999999999995E-8 : f64} : tensor<10xf32>, tensor<1xf64>, tensor<i64>
  return
}

// -----

func.func @iteration(%arg0: tensor<10xf32>, %arg1: tensor<10xf32>, %arg2: tensor<10xf32>, %arg3: tensor<10xf32>, %arg4: tensor<f64>, %arg5: tensor<1xi64>) {
  // expected-error@+1 {{'nn.adam_update' op learning_rate and iteration must be scalars}}
  %0, %1, %2 = nn.adam_update %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {beta_1 = 9.000000e-01 : f64, beta_2 = 0.99899999999999999 : f64, epsilon = 9.9999999999999995E-8 : f64} : tensor<10xf32>, tensor<f64>, tensor<1xi64>
  return
}

// -----

func.func @learning_rate_type(%arg0: tensor<10xf32>, %arg1: tensor<10xf32>, %arg2: tensor<10xf32>, %arg3: tensor<10xf32>, %arg4: tensor<f32>, %arg5: tensor<i64>) {
  // expected-error@+1 {{operand #4 must be tensor of 64-bit float values, but got 'tensor<f32>'}}
  %0, %1, %2 = nn.adam_update %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {beta_1 = 9.000000e-01 : f64, beta_2 = 0.99899999999999999 : f64, epsilon = 9.9999999999999995E-8 : f64} : tensor<10xf32>, tensor<f32>, tensor<i64>
  return
}

// -----

func.func @iteration_type(%arg0: tensor<10xf32>, %arg1: tensor<10xf32>, %arg2: tensor<10xf32>, %arg3: tensor<10xf32>, %arg4: tensor<f64>, %arg5: tensor<i32>) {
  // expected-error@+1 {{operand #5 must be tensor of 64-bit signless integer values, but got 'tensor<i32>'}}
  %0, %1, %2 = nn.adam_update %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {beta_1 = 9.000000e-01 : f64, beta_2 = 0.99899999999999999 : f64, epsilon = 9.9999999999999995E-8 : f64} : tensor<10xf32>, tensor<f64>, tensor<i32>
  return
}

// -----

func.func @gradient_shape(%arg0: tensor<10xf32>, %arg1: tensor<11xf32>, %arg2: tensor<10xf32>, %arg3: tensor<10xf32>, %arg4: tensor<f64>, %arg5: tensor<i64>) {
  // expected-error@+1 {{failed to verify that all of {parameter, gradient, m, v, new_parameter, new_m, new_v} have same type}}
  %0, %1, %2 = "nn.adam_update"(%arg0, %arg1, %arg2, %arg3, %arg4, %arg5) {beta_1 = 0.9, beta_2 = 0.999, epsilon = 1.0e-7} : (tensor<10xf32>, tensor<11xf32>, tensor<10xf32>, tensor<10xf32>, tensor<f64>, tensor<i64>) -> (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>)
  return
}
