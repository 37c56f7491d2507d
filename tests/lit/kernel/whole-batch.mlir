// RUN: nncc-opt %s --kernel-fuse --kernel-stage --kernel-plan | FileCheck %s

// What reads a whole batch runs a stage behind what computes it and sees it uncut, beside samples of its
// own that are cut. A view of an input waits for nobody, but is uncut too.
// CHECK-LABEL: func.func @evaluate
// CHECK:         [[CLASSES:%.+]] = nn.whole_batch %arg1
// CHECK-NEXT:    kernel.stage samples tasks 2
// CHECK-NEXT:    [[E:%.+]] = kernel.fused "l2_normalize" (%arg0)
// CHECK-SAME:      buffers = [#kernel.buffer<shared, 0, 96>]
// CHECK:         [[ALL:%.+]] = nn.whole_batch [[E]]
// CHECK-NEXT:    kernel.stage samples tasks 2
// CHECK-NEXT:    [[M:%.+]]:2 = kernel.fused "triplet_mining" ([[E]], [[ALL]], %arg1, [[CLASSES]], %arg2, %arg3)
// CHECK-SAME:      sliced_inputs = array<i1: true, false, true, false, false, false>
// CHECK-SAME:      sliced_results = array<i1: true, true>
// CHECK:         [[COUNTS:%.+]] = nn.whole_batch [[M]]#1
// CHECK-NEXT:    kernel.stage samples tasks 2
// CHECK-NEXT:    {{%.+}} = kernel.fused "batch_mean" ([[M]]#0, [[COUNTS]], %arg2)
// CHECK-SAME:      sliced_inputs = array<i1: true, false, false>
nn.program @p attributes {batch = 8 : i64, lanes = 2 : i64, layers = [], train = {}, data = {}} {
  func.func @evaluate(%x: tensor<8x3xf32> {nn.role = "input", nn.name = "x"}, %c: tensor<8xi32> {nn.role = "target", nn.name = "labels"}, %n: tensor<i32> {nn.role = "samples"}, %p: tensor<i32> {nn.role = "position"}) -> (tensor<8xf32> {nn.name = "loss"}) attributes {nn.entry = "evaluate"} {
    %e = nn.l2_normalize %x {epsilon = 1.0e-12 : f64} : tensor<8x3xf32>
    %all = nn.whole_batch %e : tensor<8x3xf32>
    %classes = nn.whole_batch %c : tensor<8xi32>
    %sums, %counts, %pulls = nn.triplet_mining hard euclidean %e, %all, %c, %classes, %n, %p {margin = 0.2 : f64} : tensor<8x3xf32>, tensor<8x3xf32>, tensor<8xi32>, tensor<8xi32>, tensor<i32>, tensor<i32> -> tensor<8xf32>, tensor<8xf32>, tensor<8x8xf32>
    %k = nn.whole_batch %counts : tensor<8xf32>
    %loss = nn.batch_mean %sums, %k, %n : tensor<8xf32>, tensor<i32> -> tensor<8xf32>
    return %loss : tensor<8xf32>
  }
}
