package data_test

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

// The data sets of this package are what training takes, and tell their labels.
var (
	_ net.Dataset = (*data.Images)(nil)
	_ net.Dataset = (*data.Files)(nil)
	_             = []interface{ Labels() []int }{(*data.Images)(nil), (*data.Files)(nil), (*mnist.Examples)(nil)}
)

// tiny is the preprocessing of images of one pixel.
var tiny = data.Preprocess{Rows: 1, Cols: 1, Channels: 1, Scale: data.Raw}

// pngFile is an image of one grey.
func pngFile(t testing.TB, grey uint8) *fstest.MapFile {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, uniform(3, 2, grey)); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: b.Bytes()}
}

// read reads images of one element.
func read(t testing.TB, d net.Dataset, indices ...int) (x []float32, labels []int) {
	t.Helper()
	x, labels = make([]float32, len(indices)), make([]int, len(indices))
	if err := d.Read(x, labels, indices); err != nil {
		t.Fatal(err)
	}
	return x, labels
}

func TestFromImages(t *testing.T) {
	images := []image.Image{uniform(9, 9, 10), uniform(1, 7, 20), plain{uniform(2, 2, 30)}}
	labels := []int{5, -6, 7}
	d, err := data.FromImages(images, labels, tiny)
	if err != nil {
		t.Fatal(err)
	}
	images[0], labels[0] = nil, 99 // the Dataset has its own list
	x, got := read(t, d, 2, 0, 1, 2)
	if !slices.Equal(x, []float32{30, 10, 20, 30}) || !slices.Equal(got, []int{7, 5, -6, 7}) {
		t.Errorf("have %v with labels %v", x, got)
	}
	if d.Len() != 3 || d.Shape() != layer.Image(1, 1, 1) || !slices.Equal(d.Labels(), []int{5, -6, 7}) {
		t.Errorf("have %d images of %v with labels %v", d.Len(), d.Shape(), d.Labels())
	}
	d.Labels()[0] = 99
	if d.Labels()[0] != 5 {
		t.Error("Labels is no copy")
	}
	checkReadErrors(t, d)
	flat, err := data.FromImages([]image.Image{uniform(9, 9, 1), uniform(3, 3, 2)}, []int{0, 1}, tiny)
	if err != nil {
		t.Fatal(err)
	}
	indices := []int{0, 1}
	if n := testing.AllocsPerRun(10, func() { flat.Read(x[:2], got[:2], indices) }); n != 0 && !testkit.Race {
		t.Errorf("Read: %v allocations", n)
	}
}

// checkReadErrors reads three images of one element where there is other room, and
// others than there are.
func checkReadErrors(t *testing.T, d net.Dataset) {
	t.Helper()
	for name, c := range map[string]struct {
		x, labels int
		indices   []int
		want      error
	}{
		"short x":        {1, 2, []int{0, 1}, layer.ErrShape},
		"long x":         {3, 2, []int{0, 1}, layer.ErrShape},
		"few labels":     {2, 1, []int{0, 1}, layer.ErrShape},
		"many labels":    {2, 3, []int{0, 1}, layer.ErrShape},
		"negative index": {2, 2, []int{0, -1}, net.ErrData},
		"large index":    {2, 2, []int{0, 3}, net.ErrData},
	} {
		if err := d.Read(make([]float32, c.x), make([]int, c.labels), c.indices); !errors.Is(err, c.want) {
			t.Errorf("%T, %s: have %v, want %v", d, name, err, c.want)
		}
	}
}

func TestFromImagesErrors(t *testing.T) {
	one := []image.Image{uniform(1, 1, 1)}
	for name, c := range map[string]struct {
		images []image.Image
		labels []int
		p      data.Preprocess
		want   error
	}{
		"none":          {nil, nil, tiny, net.ErrData},
		"no label":      {one, nil, tiny, net.ErrData},
		"more labels":   {one, []int{1, 2}, tiny, net.ErrData},
		"nil image":     {[]image.Image{uniform(1, 1, 1), nil}, []int{1, 2}, tiny, data.ErrImage},
		"empty image":   {[]image.Image{uniform(0, 1, 1)}, []int{1}, tiny, data.ErrImage},
		"endless image": {[]image.Image{image.NewUniform(color.White)}, []int{1}, tiny, data.ErrImage},
		"unusable":      {one, []int{1}, data.Preprocess{}, layer.ErrOption},
	} {
		if d, err := data.FromImages(c.images, c.labels, c.p); !errors.Is(err, c.want) || d != nil {
			t.Errorf("%s: have %v, %v, want %v", name, d, err, c.want)
		}
	}
}

func TestFolder(t *testing.T) {
	fsys := fstest.MapFS{
		"dog/b.png":         pngFile(t, 20),
		"dog/a.PNG":         pngFile(t, 10),
		"cat/deep/er/c.png": pngFile(t, 30),
		"cat/z.png":         pngFile(t, 40),
		"cat/.DS_Store":     {Data: []byte("no image")},
		"cat/.git/x.png":    pngFile(t, 99),
		".thumbs/x.png":     pngFile(t, 99),
		"README":            {Data: []byte("no image")},
	}
	d, err := data.Folder(fsys, nil, tiny)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Names(), []string{"cat", "dog"}) || d.Shape() != layer.Image(1, 1, 1) {
		t.Errorf("have classes %q of %v", d.Names(), d.Shape())
	}
	var paths []string
	for i := range d.Len() {
		paths = append(paths, d.Path(i))
	}
	if want := []string{"cat/deep/er/c.png", "cat/z.png", "dog/a.PNG", "dog/b.png"}; !slices.Equal(paths, want) {
		t.Fatalf("have files %q, want %q", paths, want)
	}
	x, labels := read(t, d, 0, 1, 2, 3)
	if !slices.Equal(x, []float32{30, 40, 10, 20}) || !slices.Equal(labels, []int{0, 0, 1, 1}) || !slices.Equal(d.Labels(), labels) {
		t.Errorf("have %v with labels %v and %v", x, labels, d.Labels())
	}
	if d.Path(-1) != "" || d.Path(4) != "" {
		t.Error("files out of range have paths")
	}
	d.Labels()[0], d.Names()[0] = 99, "bird"
	if d.Labels()[0] != 0 || d.Names()[0] != "cat" {
		t.Error("Labels or Names is no copy")
	}
	d, err = data.Folder(fsys, []string{"dog", "bird", "cat"}, tiny)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Labels(), []int{2, 2, 0, 0}) {
		t.Errorf("with classes given: have labels %v", d.Labels())
	}
}

func TestFolderErrors(t *testing.T) {
	image := pngFile(t, 1)
	for name, c := range map[string]struct {
		fsys    fs.FS
		classes []string
		p       data.Preprocess
		want    error
	}{
		"empty":            {fstest.MapFS{}, nil, tiny, net.ErrData},
		"no folders":       {fstest.MapFS{"a.png": image}, nil, tiny, net.ErrData},
		"empty folder":     {fstest.MapFS{"a/1.png": image, "b": {Mode: fs.ModeDir}}, nil, tiny, net.ErrData},
		"hidden files":     {fstest.MapFS{"a/.1.png": image}, nil, tiny, net.ErrData},
		"no regular files": {fstest.MapFS{"a/pipe": {Mode: fs.ModeNamedPipe}}, nil, tiny, net.ErrData},
		"unknown class":    {fstest.MapFS{"a/1.png": image, "b/1.png": image}, []string{"a"}, tiny, net.ErrData},
		"no classes":       {fstest.MapFS{"a/1.png": image}, []string{}, tiny, net.ErrData},
		"class twice":      {fstest.MapFS{"a/1.png": image}, []string{"a", "a"}, tiny, net.ErrData},
		"unusable":         {fstest.MapFS{"a/1.png": image}, nil, data.Preprocess{}, layer.ErrOption},
		"no such folder":   {os.DirFS(filepath.Join(t.TempDir(), "none")), nil, tiny, fs.ErrNotExist},
	} {
		if d, err := data.Folder(c.fsys, c.classes, c.p); !errors.Is(err, c.want) || d != nil {
			t.Errorf("%s: have %v, %v, want %v", name, d, err, c.want)
		}
	}
	good := fstest.MapFS{"a/1.png": image, "a/2.png": image, "a/3.png": {Data: []byte("none")}}
	d, err := data.Folder(good, nil, tiny)
	if err != nil {
		t.Fatal(err)
	}
	checkReadErrors(t, d)
	err = d.Read(make([]float32, 1), make([]int, 1), []int{2})
	if !errors.Is(err, data.ErrImage) || !strings.Contains(fmt.Sprint(err), "a/3.png") {
		t.Errorf("a file that is no image: have %v", err)
	}
	delete(good, "a/1.png")
	if err := d.Read(make([]float32, 1), make([]int, 1), []int{0}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is gone: have %v", err)
	}
}

// TestFolderLinks follows links of the operating system.
func TestFolderLinks(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, grey uint8) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), pngFile(t, grey).Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("elsewhere/cats/1.png", 10)
	write("all/dog/2.png", 20)
	for link, target := range map[string]string{"all/cat": "../elsewhere/cats", "all/dog/3.png": "../../elsewhere/cats/1.png"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Skip(err)
		}
	}
	d, err := data.Folder(os.DirFS(filepath.Join(dir, "all")), nil, tiny)
	if err != nil {
		t.Fatal(err)
	}
	if d.Len() != 3 {
		t.Fatalf("have %d files, want 3", d.Len())
	}
	x, labels := read(t, d, 0, 1, 2)
	if !slices.Equal(x, []float32{10, 20, 10}) || !slices.Equal(labels, []int{0, 1, 1}) {
		t.Errorf("have %v with labels %v", x, labels)
	}
}

// claim returns a PNG file whose header claims a size, and pixels of 8 bytes.
func claim(width, height uint32) []byte { return claimPixels(width, height, 16, 6) }

// claimPixels also claims a depth in bits and a type of colour.
func claimPixels(width, height uint32, depth, colour byte) []byte {
	chunk := append([]byte("IHDR"), byte(width>>24), byte(width>>16), byte(width>>8), byte(width),
		byte(height>>24), byte(height>>16), byte(height>>8), byte(height), depth, colour, 0, 0, 0)
	sum := crc32.ChecksumIEEE(chunk)
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return append(out, byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
}

func TestDecode(t *testing.T) {
	img, err := data.Decode(bytes.NewReader(pngFile(t, 7).Data))
	if err != nil || img.Bounds() != image.Rect(0, 0, 3, 2) || img.At(0, 0) != (color.Gray{Y: 7}) {
		t.Errorf("have %v, %v", img, err)
	}
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		file []byte
		want error
		says string
	}{
		"empty":       {nil, data.ErrImage, "imported?"},
		"text":        {[]byte("text"), data.ErrImage, "imported?"},
		"header":      {claim(3, 2)[:20], data.ErrImage, "png"},
		"cut":         {claim(3, 2), data.ErrImage, "png"},
		"wide":        {claim(data.MaxImageSide+1, 1), data.ErrTooLarge, "65537x1"},
		"high":        {claim(1, data.MaxImageSide+1), data.ErrTooLarge, "1x65537"},
		"16 bits":     {claim(1<<12+1, 1<<12), data.ErrTooLarge, "4097x4096 pixels of 8 bytes"},
		"8 bits":      {claimPixels(1<<13, 1<<12+1, 8, 6), data.ErrTooLarge, "8192x4097 pixels of 4 bytes"},
		"16 bit grey": {claimPixels(1<<13, 1<<13+1, 16, 0), data.ErrTooLarge, "8192x8193 pixels of 2 bytes"},
		"8 bit grey":  {claimPixels(1<<13, 1<<14+1, 8, 0), data.ErrTooLarge, "8192x16385 pixels of 1 bytes"},
		"endless":     {claim(1<<20, 1<<20), data.ErrTooLarge, "1048576x1048576"},
	} {
		var img image.Image
		var err error
		size := testkit.Allocated(func() { img, err = data.Decode(bytes.NewReader(c.file)) })
		if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) || img != nil {
			t.Errorf("%s: have %v, %v, want %v that says %q", name, img, err, c.want, c.says)
		}
		if size > 1<<20 {
			t.Errorf("%s: allocated %d bytes", name, size)
		}
	}
	if _, err := data.Decode(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("have %v, want the reader's error", err)
	}
}

func TestInMemory(t *testing.T) {
	d, err := data.FromImages([]image.Image{uniform(9, 9, 10), uniform(1, 7, 20)}, []int{5, 6}, tiny)
	if err != nil {
		t.Fatal(err)
	}
	e, err := data.InMemory(d, d.Shape())
	if want := (net.Examples{Images: []float32{10, 20}, Labels: []int{5, 6}}); err != nil || !reflect.DeepEqual(e, want) {
		t.Errorf("have %v, %v, want %v", e, err, want)
	}
	for name, c := range map[string]struct {
		d     net.Dataset
		shape layer.Shape
		want  error
	}{
		"nil":         {nil, d.Shape(), net.ErrData},
		"empty":       {net.Examples{}, d.Shape(), net.ErrData},
		"other shape": {d, layer.Image(1, 2, 1), layer.ErrShape},
		"no shape":    {d, layer.Shape{}, layer.ErrShape},
		"too large":   {claimed(data.MaxValues/100 + 1), layer.Vector(100), data.ErrTooLarge},
	} {
		if e, err := data.InMemory(c.d, c.shape); !errors.Is(err, c.want) || e.Labels != nil {
			t.Errorf("%s: have %v, %v, want %v", name, e, err, c.want)
		}
	}
}

// claimed is a Dataset that claims a number of images.
type claimed int

func (c claimed) Len() int                           { return int(c) }
func (c claimed) Read([]float32, []int, []int) error { return errors.New("none") }

// TestConcurrentReads reads everything beside itself.
func TestConcurrentReads(t *testing.T) {
	images := []image.Image{uniform(9, 9, 10), uniform(1, 7, 20), uniform(3, 3, 30), uniform(2, 5, 40)}
	fromImages, err := data.FromImages(images, []int{3, 7, 3, 7}, tiny)
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for i, name := range []string{"a/1", "b/2", "a/3", "b/4"} {
		fsys[name] = pngFile(t, uint8(10*i+10))
	}
	folder, err := data.Folder(fsys, nil, tiny)
	if err != nil {
		t.Fatal(err)
	}
	sub, err := data.Subset(folder, []int{3, 1, 0, 2})
	if err != nil {
		t.Fatal(err)
	}
	mapped, _, err := data.Classes(sub)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []net.Dataset{fromImages, folder, sub, mapped} {
		want, wantLabels := read(t, d, 0, 1, 2, 3)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 20 {
					if x, labels := read(t, d, 3, 2, 1, 0); x[0] != want[3] || x[3] != want[0] || labels[1] != wantLabels[2] {
						t.Errorf("%T: have %v, %v, want %v, %v in reverse", d, x, labels, want, wantLabels)
					}
				}
			})
		}
		wg.Wait()
	}
}
