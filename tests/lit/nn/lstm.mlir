// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %hidden, %cells, %activations = nn.lstm %arg0, %arg1 : (tensor<4x7x32xf32>, tensor<8x32xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4x7x32xf32>)
func.func @plain(%arg0: tensor<4x7x32xf32>, %arg1: tensor<8x32xf32>) {
  %hidden, %cells, %activations = nn.lstm %arg0, %arg1 : (tensor<4x7x32xf32>, tensor<8x32xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4x7x32xf32>)
  return
}

// CHECK-LABEL: func.func @all
// CHECK-NEXT:    %hidden, %cells, %activations = nn.lstm %arg0, %arg1 lengths %arg2 initial_hidden %arg3 initial_cell %arg4 mask %arg5 {activation = "relu", recurrent_activation = "hard_sigmoid", reversed = true} : (tensor<4x7x32xf32>, tensor<8x32xf32>, tensor<4xi32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4x7x32xf32>)
func.func @all(%arg0: tensor<4x7x32xf32>, %arg1: tensor<8x32xf32>, %arg2: tensor<4xi32>, %arg3: tensor<4x8xf32>, %arg4: tensor<4x8xf32>, %arg5: tensor<4x8xf32>) {
  %hidden, %cells, %activations = nn.lstm %arg0, %arg1 lengths %arg2 initial_hidden %arg3 initial_cell %arg4 mask %arg5 {activation = "relu", recurrent_activation = "hard_sigmoid", reversed = true} : (tensor<4x7x32xf32>, tensor<8x32xf32>, tensor<4xi32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4x7x32xf32>)
  return
}
