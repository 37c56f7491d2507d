// RUN: nncc-opt %s --split-input-file --verify-diagnostics

nn.program @no_such attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
  func.func @entry(%src: tensor<3xf32>) attributes {nn.entry = "train_step"} {
    // expected-error@+1 {{'nn.write' op no parameter or slot is named @w}}
    nn.write @w, %src : tensor<3xf32>
    return
  }
}

// -----

nn.program @type attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
  nn.slot @w : tensor<3xf32>
  func.func @entry(%src: tensor<3xf64>) attributes {nn.entry = "train_step"} {
    // expected-error@+1 {{'nn.write' op @w has type 'tensor<3xf32>', found 'tensor<3xf64>'}}
    nn.write @w, %src : tensor<3xf64>
    return
  }
}
