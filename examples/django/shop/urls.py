from django.urls import path
from orders import views

urlpatterns = [path("orders", views.Orders.as_view()), path("health", views.health)]
