// Package notebook reads the model file of the teaching notebook from which
// lanes began: a Python pickle of a list of [W, B] pairs of numpy arrays. The
// file is data to this package: nothing in it runs, and the only names that it
// may refer to are those by which numpy arrays are put together again.
//
// # The file
//
// The list, or tuple, has one entry for each layer with parameters, in order,
// or one for each layer of the network; a layer without parameters is then
// None, an empty list, or a pair of Nones, empty lists or empty arrays. W is
// (filters, channels, rows, columns) for a convolution and (units, inputs) for
// a dense layer; B has one element for each filter or unit, in any shape with
// one dimension that counts. Arrays are float64 or float32, of either byte
// order, in C or Fortran order, as Python 3 pickles them with protocols 0 to 5.
// What follows the end of the pickle is not looked at.
//
// The notebook added a convolution's bias to an output once for each input
// channel, where lanes adds it once: a network that is to compute the same has
// the bias multiplied by the number of input channels. That is what [Load] and
// [Import] do unless [Options].BiasOnce says otherwise.
//
// # Files that mean harm
//
// A file of at most [MaxSize] bytes is read into memory. Its instructions are
// checked one by one before the unpickler sees them: those that build a list,
// a tuple, a number, a string or an array are allowed, and no others. Strings and
// bytes longer than a name are kept aside, so that the unpickler never copies
// them, and each may become an array once. So memory is at most a few times the
// size of the file, and time is proportional to it.
package notebook
