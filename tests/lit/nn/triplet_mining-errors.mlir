// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @distance(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<4xi32>, %arg3: tensor<4xi32>, %arg4: tensor<i32>, %arg5: tensor<i32>) {
  // expected-error@+2 {{the distance must be euclidean or squared, found cosine}}
  // expected-error@+1 {{'nn.triplet_mining' op failed to infer returned types}}
  %0:3 = nn.triplet_mining all cosine %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {margin = 0.2 : f64} : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4xi32>, tensor<4xi32>, tensor<i32>, tensor<i32> -> tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>
  return
}

// -----

func.func @margin(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<4xi32>, %arg3: tensor<4xi32>, %arg4: tensor<i32>, %arg5: tensor<i32>) {
  // expected-error@+2 {{margin must be at least 0}}
  // expected-error@+1 {{'nn.triplet_mining' op failed to infer returned types}}
  %0:3 = nn.triplet_mining all euclidean %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {margin = -1.0 : f64} : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4xi32>, tensor<4xi32>, tensor<i32>, tensor<i32> -> tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>
  return
}

// -----

func.func @batch(%arg0: tensor<4x6xf32>, %arg1: tensor<5x6xf32>, %arg2: tensor<4xi32>, %arg3: tensor<4xi32>, %arg4: tensor<i32>, %arg5: tensor<i32>) {
  // expected-error@+2 {{src and batch must have one type, found 'tensor<4x6xf32>' and 'tensor<5x6xf32>'}}
  // expected-error@+1 {{'nn.triplet_mining' op failed to infer returned types}}
  %0:3 = nn.triplet_mining hard euclidean %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {margin = 0.2 : f64} : tensor<4x6xf32>, tensor<5x6xf32>, tensor<4xi32>, tensor<4xi32>, tensor<i32>, tensor<i32> -> tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>
  return
}

// -----

func.func @classes(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<5xi32>, %arg3: tensor<4xi32>, %arg4: tensor<i32>, %arg5: tensor<i32>) {
  // expected-error@+2 {{classes must be 'tensor<4xi32>', found 'tensor<5xi32>'}}
  // expected-error@+1 {{'nn.triplet_mining' op failed to infer returned types}}
  %0:3 = nn.triplet_mining hard euclidean %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {margin = 0.2 : f64} : tensor<4x6xf32>, tensor<4x6xf32>, tensor<5xi32>, tensor<4xi32>, tensor<i32>, tensor<i32> -> tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>
  return
}

// -----

func.func @samples(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<4xi32>, %arg3: tensor<4xi32>, %arg4: tensor<4xi32>, %arg5: tensor<i32>) {
  // expected-error@+2 {{samples must be a scalar, found 'tensor<4xi32>'}}
  // expected-error@+1 {{'nn.triplet_mining' op failed to infer returned types}}
  %0:3 = nn.triplet_mining hard euclidean %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {margin = 0.2 : f64} : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<i32> -> tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>
  return
}
