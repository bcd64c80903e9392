package kubetest

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/testing"
)

// maxBody is about what an API server accepts.
const maxBody = 3 << 20

// options reads the parameters of a call.
func options(r *http.Request, into runtime.Object) error {
	if err := scheme.ParameterCodec.DecodeParameters(r.URL.Query(), schema.GroupVersion{Version: "v1"}, into); err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	return nil
}

// invoke makes the call on the fake. A deletion returns no object.
func (q query) invoke(w http.ResponseWriter, r *http.Request) (runtime.Object, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, apierrors.NewRequestEntityTooLargeError(err.Error())
	}
	switch q.verb {
	case "get":
		var o metav1.GetOptions
		if err := options(r, &o); err != nil {
			return nil, err
		}
		return q.fake.Invokes(testing.NewGetSubresourceActionWithOptions(q.resource, q.namespace, q.sub, q.name, o), nil)
	case "list":
		var o metav1.ListOptions
		if err := options(r, &o); err != nil {
			return nil, err
		}
		return q.list(o)
	case "create":
		return q.create(r, body)
	case "update":
		return q.update(r, body)
	case "patch":
		var o metav1.PatchOptions
		if err := options(r, &o); err != nil {
			return nil, err
		}
		kind := types.PatchType(r.Header.Get("Content-Type"))
		return q.fake.Invokes(testing.NewPatchSubresourceActionWithOptions(q.resource, q.namespace, q.name, kind, body, o, q.subs()...), nil)
	default:
		return nil, q.delete(body)
	}
}

func (q query) subs() []string {
	if q.sub == "" {
		return nil
	}
	return []string{q.sub}
}

// list lists the objects that match the labels, by name and page by page. The fakes do not do
// this themselves.
func (q query) list(o metav1.ListOptions) (runtime.Object, error) {
	selector, err := labels.Parse(o.LabelSelector)
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	list, err := q.fake.Invokes(testing.NewListActionWithOptions(q.resource, q.kind, q.namespace, o), nil)
	if err != nil {
		return nil, err
	}
	items, err := meta.ExtractList(list)
	if err != nil {
		return nil, err
	}
	left := make([]runtime.Object, 0, len(items))
	for _, item := range items {
		if selected(selector, item) {
			left = append(left, item)
		}
	}
	left, err = page(list, left, o)
	if err != nil {
		return nil, err
	}
	return list, meta.SetList(list, left)
}

// page is the requested part of a list. A position is the last name before it, so that objects
// that are created or deleted between two pages do not shift the others.
func page(list runtime.Object, items []runtime.Object, o metav1.ListOptions) ([]runtime.Object, error) {
	names := make(map[runtime.Object]string, len(items))
	for _, item := range items {
		head, err := meta.Accessor(item)
		if err != nil {
			return nil, err
		}
		names[item] = head.GetNamespace() + "/" + head.GetName()
	}
	slices.SortFunc(items, func(a, b runtime.Object) int { return strings.Compare(names[a], names[b]) })
	if o.Continue != "" {
		items = slices.DeleteFunc(items, func(item runtime.Object) bool { return names[item] <= o.Continue })
	}
	if o.Limit <= 0 || int64(len(items)) <= o.Limit {
		return items, nil
	}
	head, err := meta.ListAccessor(list)
	if err != nil {
		return nil, err
	}
	left := int64(len(items)) - o.Limit
	items = items[:o.Limit]
	head.SetContinue(names[items[len(items)-1]])
	head.SetRemainingItemCount(&left)
	return items, nil
}

func selected(selector labels.Selector, object runtime.Object) bool {
	head, err := meta.Accessor(object)
	return err == nil && selector.Matches(labels.Set(head.GetLabels()))
}

func (q query) create(r *http.Request, body []byte) (runtime.Object, error) {
	var o metav1.CreateOptions
	if err := options(r, &o); err != nil {
		return nil, err
	}
	object, _, err := q.read(body)
	if err != nil {
		return nil, err
	}
	if q.name != "" {
		return q.fake.Invokes(testing.NewCreateSubresourceActionWithOptions(q.resource, q.name, q.sub, q.namespace, object, o), nil)
	}
	return q.fake.Invokes(testing.NewCreateActionWithOptions(q.resource, q.namespace, object, o), nil)
}

func (q query) update(r *http.Request, body []byte) (runtime.Object, error) {
	var o metav1.UpdateOptions
	if err := options(r, &o); err != nil {
		return nil, err
	}
	object, head, err := q.read(body)
	if err != nil {
		return nil, err
	}
	if head.GetName() != q.name {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s) does not match the name on the URL (%s)", head.GetName(), q.name))
	}
	return q.fake.Invokes(testing.NewUpdateSubresourceActionWithOptions(q.resource, q.sub, q.namespace, object, o), nil)
}

// read decodes the object that a client sent and sets the namespace of the path.
func (q query) read(body []byte) (runtime.Object, metav1.Object, error) {
	object, _, err := q.decode.Decode(body, nil, nil)
	if err != nil {
		return nil, nil, apierrors.NewBadRequest(err.Error())
	}
	head, err := meta.Accessor(object)
	if err != nil {
		return nil, nil, apierrors.NewBadRequest(err.Error())
	}
	head.SetNamespace(q.namespace)
	return object, head, nil
}

func (q query) delete(body []byte) error {
	var o metav1.DeleteOptions
	if len(body) > 0 {
		if _, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, &o); err != nil {
			return apierrors.NewBadRequest(err.Error())
		}
	}
	_, err := q.fake.Invokes(testing.NewDeleteSubresourceActionWithOptions(q.resource, q.sub, q.namespace, q.name, o), nil)
	return err
}
