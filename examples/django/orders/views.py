import requests
from django.conf import settings
from django.db.models import F
from django.http import JsonResponse
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.views import APIView

from orders.models import Item, Order


class Refused(APIException):
    status_code = 409


class OrderSerializer(ModelSerializer):
    class Meta:
        model = Order
        fields = ["reference", "item", "account"]


class Orders(APIView):
    def get(self, request):
        return Response(OrderSerializer(Order.objects.order_by("pk"), many=True).data)

    def post(self, request):
        """Writes an order, has it paid, and takes the item from the shelf. What raises rolls back here, and only here."""
        serializer = OrderSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        order = serializer.save()
        self.charge(order)
        if not Item.objects.filter(pk=order.item_id, stock__gt=0).update(stock=F("stock") - 1):
            raise Refused(f"{order.item_id}: none left")
        return Response(serializer.data, status=201)

    def charge(self, order):
        answer = requests.post(
            f"{settings.BANK_URL}/accounts/{order.account}/withdraw",
            json={"reference": order.reference, "amount": order.item.price},
            timeout=10,
        )
        if not answer.ok:
            raise Refused(f"the bank answers {answer.status_code}: {answer.text}")


def health(request):
    return JsonResponse({"up": True})
